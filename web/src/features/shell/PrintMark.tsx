/** The mark on paper: who printed it, when, under which number. The number goes into the trail, so that a page left lying leads back to a person. */
import { useEffect, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { write } from '../../api/client';
import type { Me } from '../../api/contract';
import { t } from '../../texts';
import { printNumber } from '../../ui/print';

export function PrintMark({ me }: { me: Me }): ReactNode {
  const [mark, setMark] = useState('');
  useEffect(() => {
    const before = () => {
      const { number, at } = printNumber(new Date(), crypto.getRandomValues(new Uint8Array(4)));
      // The paper is made as soon as this returns.
      flushSync(() => setMark(t('print.mark', { name: me.name, account: me.account, at, number })));
      write('POST /me/prints', { body: { number, page: window.location.pathname } }).catch(() => undefined);
    };
    window.addEventListener('beforeprint', before);
    return () => window.removeEventListener('beforeprint', before);
  }, [me]);
  return (
    <div className="print-mark" aria-hidden="true">
      {Array.from({ length: 6 }, (_, i) => (
        <span key={i}>{mark}</span>
      ))}
    </div>
  );
}
