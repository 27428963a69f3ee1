/** The bureau's word on one institution's declaration: refund entered, or taken back, by finance; accepted, or returned with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import type { Campaign, CampaignInstitution, Me } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { toFen, yuan } from '../../format/money';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

const STEPS = ['accept', 'return', 'refund', 'undo'] as const;
type Step = (typeof STEPS)[number];

/** What a person may do with an institution's part as it stands. */
export function stepsOf(part: CampaignInstitution, me: Me | undefined): Step[] {
  const open = ['declared', 'paid', 'returned'].includes(part.state);
  const fits: Record<Step, boolean> = {
    accept: may(me, 'campaigns.write') && part.state === 'paid',
    return: may(me, 'campaigns.write') && (part.state === 'declared' || part.state === 'paid'),
    refund: may(me, 'recoveries.book') && open && part.declared_fen > part.refunded_fen,
    undo: may(me, 'recoveries.book') && open && part.refunded_fen > 0,
  };
  return STEPS.filter((step) => fits[step]);
}

export function PartDialog({ campaign, part, onClose }: { campaign: Campaign; part: CampaignInstitution; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const me = useMe();
  const steps = stepsOf(part, me);
  const [step, setStep] = useState<Step>(steps[0] ?? 'accept');
  const [amount, setAmount] = useState(yuan(Math.max(0, part.declared_fen - part.refunded_fen)));
  const [document, setDocument] = useState('');
  const [text, setText] = useState('');
  const [key] = useState(newKey);
  const fen = toFen(amount);
  const run = useMutation({
    mutationFn: () =>
      write('POST /campaigns/{id}/institutions/{code}/{step}', {
        path: { id: campaign.id, code: part.institution.code, step: step === 'undo' ? 'refund' : step },
        key,
        body: {
          version: part.version,
          amount_fen: step === 'refund' ? fen : step === 'undo' && fen ? -fen : undefined,
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
  const lacks = (step === 'refund' && (!fen || !document.trim())) || (step === 'undo' && (!fen || !text.trim())) || (step === 'return' && !text.trim());
  return (
    <Modal
      open
      title={part.institution.name}
      okText={t(`campaign.step.${step}`)}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: lacks, loading: run.isPending, danger: step === 'return' || step === 'undo' }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
      width={460}
    >
      <p className="effect">{t('campaign.part.effect', { found: yuan(part.found_fen), declared: yuan(part.declared_fen), refunded: yuan(part.refunded_fen) })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        <Form.Item label={t('campaign.handle')}>
          <Select aria-label={t('campaign.handle')} value={step} options={steps.map((one) => ({ value: one, label: t(`campaign.step.${one}`) }))} onChange={(next: Step) => setStep(next)} />
        </Form.Item>
        {step === 'refund' || step === 'undo' ? (
          <>
            <Form.Item label={t('entry.amount')} htmlFor="part-amount" required>
              <Input id="part-amount" inputMode="decimal" suffix={t('unit.yuan')} value={amount} onChange={(event) => setAmount(event.target.value)} />
            </Form.Item>
            <Form.Item label={t('entry.document')} htmlFor="part-document" required={step === 'refund'}>
              <Input id="part-document" maxLength={60} value={document} onChange={(event) => setDocument(event.target.value)} />
            </Form.Item>
          </>
        ) : null}
        <Form.Item label={t('field.text')} htmlFor="part-text" required={step === 'return' || step === 'undo'}>
          <Input.TextArea id="part-text" rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
