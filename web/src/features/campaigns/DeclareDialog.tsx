/** 申报: the amount an institution found itself, the slip of its refund, and who signs the promise. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Checkbox, Form, Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import type { Campaign, CampaignInstitution } from '../../api/contract';
import { useMe } from '../../api/me';
import { toFen, yuan } from '../../format/money';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

export function DeclareDialog({ campaign, part, onClose }: { campaign: Campaign; part: CampaignInstitution; onClose: () => void }): ReactNode {
  const me = useMe();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [amount, setAmount] = useState('');
  const [document, setDocument] = useState('');
  const [text, setText] = useState('');
  const [signer, setSigner] = useState(me?.name ?? '');
  const [agreed, setAgreed] = useState(false);
  const [key] = useState(newKey);
  const fen = toFen(amount);
  const run = useMutation({
    mutationFn: () =>
      write('POST /campaigns/{id}/declarations', {
        path: { id: campaign.id },
        key,
        body: { version: part.version, declared_fen: fen ?? 0, document: document.trim() || undefined, text: text.trim() || undefined, promise: signer.trim() },
      }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['campaigns'] });
      void message.success(t('campaign.declared_done'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('campaign.declare')}
      okText={t('campaign.declare')}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: fen === undefined || !agreed || !signer.trim(), loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
    >
      <p className="effect">{t('campaign.declare.effect', { title: campaign.title, found: yuan(part.found_fen) })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        <Form.Item label={t('campaign.declared_fen')} required htmlFor="declare-amount">
          <Input id="declare-amount" inputMode="decimal" suffix={t('unit.yuan')} value={amount} onChange={(event) => setAmount(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('campaign.slip')} htmlFor="declare-document">
          <Input id="declare-document" maxLength={60} value={document} onChange={(event) => setDocument(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('field.text_optional')} htmlFor="declare-text">
          <Input.TextArea id="declare-text" maxLength={2000} rows={2} value={text} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('campaign.signer')} required htmlFor="declare-signer">
          <Input id="declare-signer" maxLength={40} value={signer} onChange={(event) => setSigner(event.target.value)} />
        </Form.Item>
        <Checkbox checked={agreed} onChange={(event) => setAgreed(event.target.checked)}>
          {t('campaign.promise')}
        </Checkbox>
      </Form>
    </Modal>
  );
}
