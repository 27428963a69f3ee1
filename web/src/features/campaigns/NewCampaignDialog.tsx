import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, write } from '../../api/client';
import { useRules, useSummary } from '../../api/queries';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

export function NewCampaignDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const rules = useRules();
  const institutions = useSummary('institution');
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [problems, setProblems] = useState<string[]>([]);
  const [asked, setAsked] = useState<string[]>([]);
  const [due, setDue] = useState('');
  const [key] = useState(newKey);
  const run = useMutation({
    // Drawn up, then published: what is published goes out to the institutions.
    mutationFn: async () => {
      const made = await write('POST /campaigns', { key, body: { title: title.trim(), text: text.trim(), rules: problems, due_day: due, institutions: asked } });
      return made.state === 'draft' ? write('POST /campaigns/{id}/publish', { path: { id: made.id }, body: { version: made.version } }) : made;
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['campaigns'] });
      void message.success(t('campaign.made'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('campaign.new')}
      okText={t('campaign.publish')}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: !title.trim() || !due || problems.length === 0 || asked.length === 0, loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
      width={600}
    >
      <p className="effect">{t('campaign.effect', { institutions: asked.length, problems: problems.length, due: due || '—' })}</p>
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        <Form.Item label={t('campaign.title')} required htmlFor="campaign-title">
          <Input id="campaign-title" maxLength={80} value={title} onChange={(event) => setTitle(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('campaign.list')} required>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={t('campaign.list')}
            value={problems}
            options={(rules.data?.items ?? []).map((rule) => ({ value: rule.id, label: `${rule.id} ${rule.title}` }))}
            onChange={(chosen: string[]) => setProblems(chosen)}
          />
        </Form.Item>
        <Form.Item label={t('campaign.institutions')} required>
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: 'label' }}
            maxTagCount={8}
            aria-label={t('campaign.institutions')}
            value={asked}
            options={(institutions.data?.items ?? []).map((one) => ({ value: one.key, label: one.title }))}
            onChange={(chosen: string[]) => setAsked(chosen)}
          />
        </Form.Item>
        <Form.Item label={t('campaign.due')} required htmlFor="campaign-due">
          <Input id="campaign-due" type="date" value={due} onChange={(event) => setDue(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('campaign.text')} htmlFor="campaign-text">
          <Input.TextArea id="campaign-text" maxLength={2000} rows={3} value={text} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
