/** 排除节点: not without saying why; the reason stands in the address and on the picture that is taken out. */
import { Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { t } from '../../texts';

export function ExcludeDialog({ label, onExclude, onClose }: { label: string; onExclude: (why: string) => void; onClose: () => void }): ReactNode {
  const [why, setWhy] = useState('');
  const ready = why.trim().length >= 2;
  return (
    <Modal
      open
      title={t('relations.exclude.title', { label })}
      width={420}
      destroyOnHidden
      okText={t('relations.exclude')}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: !ready }}
      onOk={() => onExclude(why.trim())}
      onCancel={onClose}
    >
      <p className="effect">{t('relations.exclude.effect')}</p>
      <Input autoFocus aria-label={t('relations.exclude.why')} placeholder={t('relations.exclude.why')} maxLength={100} value={why} onChange={(event) => setWhy(event.target.value)} onPressEnter={() => ready && onExclude(why.trim())} />
    </Modal>
  );
}
