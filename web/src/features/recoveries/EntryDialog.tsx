/** 登记: money refused, offset, paid or waived, never more than is open; or given back after a correction, never more than is owed. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import type { EntryKind, Me, Recovery } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { toFen, yuan } from '../../format/money';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

const KINDS: Record<Recovery['road'], EntryKind[]> = { refuse: ['refused', 'waived'], recover: ['paid', 'offset', 'waived'] };

/** Kinds of a road this person may enter: money by finance, waivers by whoever may waive. */
export function kindsOf(recovery: Recovery, me: Me | undefined): EntryKind[] {
  const kinds: EntryKind[] = recovery.open_fen < 0 ? ['returned'] : KINDS[recovery.road];
  return kinds.filter((kind) => may(me, kind === 'waived' ? 'recoveries.waive' : 'recoveries.book'));
}

export function EntryDialog({ recovery, onClose }: { recovery: Recovery; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const me = useMe();
  const kinds = kindsOf(recovery, me);
  const [kind, setKind] = useState<EntryKind>(kinds[0] ?? 'paid');
  // What is still to come in, or to be given back.
  const most = Math.abs(recovery.open_fen);
  const back = recovery.open_fen < 0;
  const [amount, setAmount] = useState(yuan(most));
  const [document, setDocument] = useState('');
  const [text, setText] = useState('');
  const [key] = useState(newKey);
  const fen = toFen(amount);
  const wrong = fen === undefined || fen <= 0 ? t('entry.amount_wrong') : fen > most ? t(back ? 'entry.amount_more.returned' : 'entry.amount_more', { open: yuan(most) }) : undefined;
  const run = useMutation({
    mutationFn: () =>
      write('POST /recoveries/{id}/entries', {
        path: { id: recovery.id },
        key,
        body: { version: recovery.version, kind, amount_fen: fen ?? 0, document: document.trim() || undefined, text: text.trim() || undefined },
      }),
    onSuccess: () => {
      for (const name of ['recoveries', 'workbench', 'lead']) void cache.invalidateQueries({ queryKey: [name] });
      void message.success(t('entry.done'));
      onClose();
    },
  });
  // A waiver is explained, money has a paper.
  const needsPaper = kind !== 'waived';
  return (
    <Modal
      open
      title={t('entry.title', { number: recovery.number })}
      okText={t(`entry.do.${kind}`)}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: wrong !== undefined || (needsPaper && !document.trim()) || (kind === 'waived' && !text.trim()), loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
      width={460}
    >
      <p className="effect">{t(back ? 'entry.effect.returned' : 'entry.effect', { institution: recovery.institution.name, amount: fen === undefined ? '—' : yuan(fen), rest: yuan(Math.max(0, most - (fen ?? 0))) })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        <Form.Item label={t('entry.kind')}>
          <Select aria-label={t('entry.kind')} value={kind} options={kinds.map((one) => ({ value: one, label: t(`entry.${one}`) }))} onChange={(next: EntryKind) => setKind(next)} />
        </Form.Item>
        <Form.Item label={t('entry.amount')} htmlFor="entry-amount" validateStatus={wrong ? 'error' : undefined} help={wrong}>
          <Input id="entry-amount" inputMode="decimal" value={amount} suffix={t('unit.yuan')} onChange={(event) => setAmount(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('entry.document')} required={needsPaper} htmlFor="entry-document">
          <Input id="entry-document" maxLength={60} value={document} placeholder={t('entry.document.hint')} onChange={(event) => setDocument(event.target.value)} />
        </Form.Item>
        <Form.Item label={kind === 'waived' ? t('field.text') : t('field.text_optional')} required={kind === 'waived'} htmlFor="entry-text">
          <Input.TextArea id="entry-text" maxLength={500} rows={2} value={text} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
