/** 冲正: an entry is never deleted; one of the same kind with the opposite sign takes it back, with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import type { Recovery } from '../../api/contract';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

type Entry = Recovery['entries'][number];

export function ReverseDialog({ recovery, entry, onClose }: { recovery: Recovery; entry: Entry; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [text, setText] = useState('');
  const [key] = useState(newKey);
  const run = useMutation({
    mutationFn: () =>
      write('POST /recoveries/{id}/entries', {
        path: { id: recovery.id },
        key,
        body: { version: recovery.version, kind: entry.kind, amount_fen: entry.amount_fen, text: text.trim(), reverses: entry.seq },
      }),
    onSuccess: () => {
      for (const name of ['recoveries', 'workbench', 'lead']) void cache.invalidateQueries({ queryKey: [name] });
      void message.success(t('entry.done'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('entry.reverse')}
      okText={t('entry.reverse')}
      cancelText={t('act.cancel')}
      okButtonProps={{ danger: true, disabled: !text.trim(), loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
      width={440}
    >
      <p className="effect">{t('entry.reverse.effect', { kind: t(`entry.${entry.kind}`), amount: yuan(entry.amount_fen), open: yuan(recovery.open_fen + (entry.kind === 'returned' ? -entry.amount_fen : entry.amount_fen)) })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Input.TextArea aria-label={t('field.text')} placeholder={t('field.text')} rows={2} maxLength={500} value={text} onChange={(event) => setText(event.target.value)} />
    </Modal>
  );
}
