/** The bureau's word on one institution's declaration: refund entered, accepted, or returned with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import type { Campaign, CampaignInstitution } from '../../api/contract';
import { toFen, yuan } from '../../format/money';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

const STEPS = ['refund', 'accept', 'return'] as const;
type Step = (typeof STEPS)[number];

export function PartDialog({ campaign, part, onClose }: { campaign: Campaign; part: CampaignInstitution; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [step, setStep] = useState<Step>('accept');
  const [amount, setAmount] = useState(yuan(Math.max(0, part.declared_fen - part.refunded_fen)));
  const [document, setDocument] = useState('');
  const [text, setText] = useState('');
  const [key] = useState(newKey);
  const fen = toFen(amount);
  const run = useMutation({
    mutationFn: () =>
      write('POST /campaigns/{id}/institutions/{code}/{step}', {
        path: { id: campaign.id, code: part.institution.code, step },
        key,
        body: {
          version: part.version,
          amount_fen: step === 'refund' ? fen : undefined,
          document: step === 'refund' ? document.trim() || undefined : undefined,
          text: text.trim() || undefined,
        },
      }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['campaigns'] });
      void message.success(t('campaign.handled'));
      onClose();
    },
  });
  const lacks = (step === 'refund' && (!fen || !document.trim())) || (step === 'return' && !text.trim());
  return (
    <Modal
      open
      title={part.institution.name}
      okText={t(`campaign.step.${step}`)}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: lacks, loading: run.isPending, danger: step === 'return' }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
      width={460}
    >
      <p className="effect">{t('campaign.part.effect', { found: yuan(part.found_fen), declared: yuan(part.declared_fen), refunded: yuan(part.refunded_fen) })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        <Form.Item label={t('campaign.handle')}>
          <Select aria-label={t('campaign.handle')} value={step} options={STEPS.map((one) => ({ value: one, label: t(`campaign.step.${one}`) }))} onChange={(next: Step) => setStep(next)} />
        </Form.Item>
        {step === 'refund' ? (
          <>
            <Form.Item label={t('entry.amount')} htmlFor="part-amount" required>
              <Input id="part-amount" inputMode="decimal" suffix={t('unit.yuan')} value={amount} onChange={(event) => setAmount(event.target.value)} />
            </Form.Item>
            <Form.Item label={t('entry.document')} htmlFor="part-document" required>
              <Input id="part-document" maxLength={60} value={document} onChange={(event) => setDocument(event.target.value)} />
            </Form.Item>
          </>
        ) : null}
        <Form.Item label={t('field.text')} htmlFor="part-text" required={step === 'return'}>
          <Input.TextArea id="part-text" rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
