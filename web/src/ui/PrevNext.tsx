/** The lead before and the one after this in the list it was opened from: its place, two buttons, `[` and `]`. */
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { t } from '../texts';
import { useKeys } from './keys';
import { neighbours } from './neighbours';

export function PrevNext({ id, onGo }: { id: string; onGo: (id: string) => void }): ReactNode {
  const around = neighbours(id);
  const go = (to: string | undefined) => {
    if (to) onGo(to);
  };
  useKeys({ '[': () => go(around.prev), ']': () => go(around.next) });
  if (around.of === 0) return null;
  return (
    <>
      <span className="faint num">{t('lead.place', { at: around.at, of: around.of })}</span>
      <Button aria-label={t('lead.prev')} disabled={!around.prev} onClick={() => go(around.prev)}>
        <kbd>[</kbd>
      </Button>
      <Button aria-label={t('lead.next')} disabled={!around.next} onClick={() => go(around.next)}>
        <kbd>]</kbd>
      </Button>
    </>
  );
}
