/** 查看全名: asks for a reason and is logged; what is shown goes with the page. */
import { Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { write } from '../../api/client';
import { t } from '../../texts';
import { sentence } from '../../ui/states';
import './lead.css';

export function UnmaskButton({ lead }: { lead: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [seen, setSeen] = useState<{ name: string; certno: string }>();
  const [wrong, setWrong] = useState('');
  const ask = () =>
    write('POST /leads/{id}/unmask', { path: { id: lead }, body: { reason: reason.trim() } })
      .then((identity) => {
        setSeen(identity);
        setOpen(false);
      })
      .catch((error: unknown) => setWrong(sentence(error)));
  if (seen) {
    return (
      <span className="unmasked no-print">
        {seen.name} <span className="num">{seen.certno}</span>
      </span>
    );
  }
  return (
    <>
      <button type="button" className="link no-print" onClick={() => setOpen(true)}>
        {t('unmask.open')}
      </button>
      {open ? (
        <Modal
          open
          title={t('unmask.open')}
          width={420}
          destroyOnHidden
          okText={t('unmask.go')}
          cancelText={t('act.cancel')}
          okButtonProps={{ disabled: reason.trim().length < 4 }}
          onOk={() => void ask()}
          onCancel={() => setOpen(false)}
        >
          <p className="effect">{t('unmask.effect')}</p>
          <Input autoFocus aria-label={t('unmask.reason')} placeholder={t('unmask.reason')} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
          {wrong ? <p className="field-error" role="alert">{wrong}</p> : null}
        </Modal>
      ) : null}
    </>
  );
}
