/** 导出证据图: one page with data, parameters and mark; an act with a reason that stays on record. */
import { Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { takePicture } from '../../api/client';
import { t } from '../../texts';
import { sentence } from '../../ui/states';
import { asked, type RelationsSearch } from './search';

export function ExportDialog({ search, onClose }: { search: RelationsSearch; onClose: () => void }): ReactNode {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const ready = reason.trim().length >= 4;
  const go = async () => {
    setBusy(true);
    setWrong('');
    try {
      await takePicture(search.lead ? { lead: search.lead } : { person: search.person ?? '' }, { ...asked(search), why: search.why, reason: reason.trim() });
      onClose();
    } catch (error) {
      setWrong(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t('relations.export')}
      width={440}
      destroyOnHidden
      okText={t('export.do')}
      cancelText={t('act.cancel')}
      confirmLoading={busy}
      okButtonProps={{ disabled: !ready }}
      onOk={() => void go()}
      onCancel={onClose}
    >
      <p className="effect">{t('relations.export.effect')}</p>
      <Input autoFocus aria-label={t('export.reason')} placeholder={t('export.reason')} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} onPressEnter={() => ready && !busy && void go()} />
      {wrong ? (
        <p className="field-error" role="alert">
          {wrong}
        </p>
      ) : null}
    </Modal>
  );
}
