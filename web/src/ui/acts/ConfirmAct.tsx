/** The confirm dialog of an act: states the effect, asks for what the act needs, and carries the verb on its button. */
import { Alert, Button, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { ApiError, newKey } from '../../api/client';
import type { ActBody, ActOffer, Attachment, Choice, Finding, LineAnswer, Need } from '../../api/contract';
import { useMe } from '../../api/me';
import { t } from '../../texts';
import { sentence } from '../states';
import { actTitle } from '../titles';
import { FileDrop } from './Files';
import { MergeFields, SplitFields } from './ShapeFields';
import { reasonTitle } from './reasons';
import { LineForm } from './LineForm';
import { answers, missing, toAnswer, upheldWhereAccepted, type Drafts } from './lines';
import './acts.css';

type Props = {
  offer: ActOffer;
  /** The effect in numbers, of an act on many. */
  effect?: string;
  lead?: { id: string; version: number; findings: Finding[]; replies?: LineAnswer[] };
  busy: boolean;
  error: unknown;
  onRun: (body: ActBody, key: string) => void;
  onClose: () => void;
  onReload?: () => void;
};

const VOTES = ['uphold', 'partly', 'withdraw'] as const;
const ROADS = ['refuse', 'recover'] as const;

function choices(list: Choice[] | undefined): { value: string; label: string }[] {
  return (list ?? []).map((one) => ({ value: one.code, label: reasonTitle(one, 'reason') }));
}

export function ConfirmAct({ offer, effect, lead, busy, error, onRun, onClose, onReload }: Props): ReactNode {
  const me = useMe();
  const [body, setBody] = useState<ActBody>({ limit_days: offer.limit_days });
  const [drafts, setDrafts] = useState<Drafts>(() => (offer.act === 'conclude' ? upheldWhereAccepted(lead?.replies) : {}));
  const [files, setFiles] = useState<Attachment[]>([]);
  const [strict, setStrict] = useState(false);
  const [key] = useState(newKey);
  const needs = (need: Need) => offer.needs.includes(need);
  const put = (part: ActBody) => setBody((old) => ({ ...old, ...part }));
  const findings = toAnswer(lead?.findings ?? []);
  const side = me?.institution && me.roles.includes('institution') ? 'institution' : 'bureau';
  const reasons = offer.reasons ?? [];
  // An institution gives its grounds line by line; elsewhere the reason is that of the whole act.
  const lineReasons = needs('reason') ? [] : reasons;
  const problem = error instanceof ApiError ? error.problem : undefined;
  const wrong = (field: string, needed: boolean) => {
    const told = problem?.fields?.[field];
    if (told) return { validateStatus: 'error' as const, help: told };
    return strict && needed ? { validateStatus: 'error' as const, help: t('field.needed') } : {};
  };
  // What is put together or apart is told to whoever comes after.
  const why = needs('leads') || needs('findings') || offer.act === 'restore' || offer.act === 'correct';
  // A vote or a decision speaks of the whole; line by line only where it is partly.
  const each = needs('lines') && !needs('road') && offer.act !== 'correct' && (!needs('vote') || body.vote === 'partly');
  const lacks =
    (needs('assignee') && !body.assignee) ||
    (needs('reason') && reasons.length > 0 && !body.reason) ||
    (needs('vote') && (!body.vote || !body.text?.trim())) ||
    (needs('road') && !body.road) ||
    (needs('until') && !body.until) ||
    (needs('leads') && (body.leads ?? []).length === 0) ||
    (needs('findings') && (body.findings ?? []).length === 0) ||
    (why && !body.text?.trim()) ||
    (needs('members') && (body.members ?? []).length === 0) ||
    (needs('lines') && findings.some((finding) => (each || drafts[finding.id]?.conclusion) && missing(finding, drafts[finding.id], lineReasons)));
  const run = () => {
    setStrict(true);
    if (lacks) return;
    onRun(
      {
        ...body,
        version: lead?.version,
        text: body.text?.trim() || undefined,
        lines: needs('lines') ? answers(lead?.findings ?? [], drafts) : undefined,
        attachments: files.length > 0 ? files.map((file) => file.id) : undefined,
      },
      key,
    );
  };
  const untilTitle = t(offer.act === 'put_off' ? 'field.put_off' : 'field.until');
  const people = (offer.assignees ?? []).map((one) => ({ value: one.account, label: one.name }));
  return (
    <Modal
      open
      title={actTitle(offer)}
      width={needs('lines') || needs('leads') || needs('findings') ? 680 : 480}
      onCancel={onClose}
      destroyOnHidden
      maskClosable={false}
      footer={[
        <Button key="no" onClick={onClose}>
          {t('act.cancel')}
        </Button>,
        <Button key="yes" type="primary" danger={offer.danger} loading={busy} onClick={run}>
          {actTitle(offer)}
        </Button>,
      ]}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+Enter is a shortcut to the button below */}
      <div
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
        }}
      >
        <p className="effect">{effect ?? offer.effect}</p>
        {problem?.code === 'conflict' ? (
          <Alert
            type="warning"
            showIcon
            title={sentence(error)}
            action={
              onReload ? (
                <Button size="small" onClick={onReload}>
                  {t('act.reload')}
                </Button>
              ) : undefined
            }
          />
        ) : error ? (
          <Alert type="error" showIcon title={sentence(error)} />
        ) : null}
        <Form layout="vertical" component="div" className="act-form">
          {needs('assignee') ? (
            <Form.Item label={t('field.assignee')} required {...wrong('assignee', !body.assignee)}>
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                aria-label={t('field.assignee')}
                value={body.assignee}
                options={people}
                onChange={(assignee: string) => put({ assignee })}
              />
            </Form.Item>
          ) : null}
          {needs('members') ? (
            <Form.Item label={t('field.members')} required {...wrong('members', (body.members ?? []).length === 0)}>
              <Select
                mode="multiple"
                aria-label={t('field.members')}
                value={body.members}
                options={people}
                onChange={(members: string[]) => put({ members })}
              />
            </Form.Item>
          ) : null}
          {needs('leads') ? (
            <MergeFields choices={offer.leads ?? []} chosen={body.leads ?? []} onChosen={(leads) => put({ leads })} {...wrong('leads', (body.leads ?? []).length === 0)} />
          ) : null}
          {needs('findings') && lead ? (
            <SplitFields findings={findings} chosen={body.findings ?? []} onChosen={(chosen) => put({ findings: chosen })} {...wrong('findings', (body.findings ?? []).length === 0)} />
          ) : null}
          {needs('limit') ? (
            <Form.Item label={t('field.limit')} required {...wrong('limit_days', false)}>
              <InputNumber
                min={1}
                max={60}
                aria-label={t('field.limit')}
                value={body.limit_days}
                onChange={(days) => put({ limit_days: days ?? offer.limit_days })}
              />
            </Form.Item>
          ) : null}
          {needs('vote') ? (
            <Choose
              legend={t('field.vote')}
              name="vote"
              wrong={strict && !body.vote}
              options={VOTES.map((vote) => ({ value: vote, label: t(`conclusion.${vote}`) }))}
              value={body.vote}
              onChoose={(vote) => put({ vote })}
            />
          ) : null}
          {needs('road') ? (
            <Choose
              legend={t('field.road')}
              name="road"
              wrong={strict && !body.road}
              options={ROADS.map((road) => ({ value: road, label: t(`road.${road}`), note: t(`road.${road}.note`) }))}
              value={body.road}
              onChoose={(road) => put({ road: ROADS.find((one) => one === road) })}
            />
          ) : null}
          {needs('lines') && lead ? (
            <details className="point" open={each || offer.act === 'correct'}>
              <summary>{each ? t('line.each') : t('line.each_optional')}</summary>
              <LineForm side={side} findings={findings} drafts={drafts} onDrafts={setDrafts} reasons={lineReasons} replies={lead.replies} strict={strict && each} />
            </details>
          ) : null}
          {needs('reason') && reasons.length > 0 ? (
            <Form.Item label={t('field.reason')} required {...wrong('reason', !body.reason)}>
              <Select aria-label={t('field.reason')} value={body.reason} options={choices(reasons)} onChange={(reason: string) => put({ reason })} />
            </Form.Item>
          ) : null}
          {needs('until') ? (
            <Form.Item label={untilTitle} required {...wrong('until', !body.until)}>
              <Input type="date" aria-label={untilTitle} value={body.until} onChange={(event) => put({ until: event.target.value })} />
            </Form.Item>
          ) : null}
          {needs('text') || needs('reason') ? (
            <Form.Item label={t('field.text')} required={needs('vote') || why} {...wrong('text', (needs('vote') || why) && !body.text?.trim())}>
              <Input.TextArea
                aria-label={t('field.text')}
                rows={2}
                maxLength={2000}
                value={body.text}
                onChange={(event) => put({ text: event.target.value })}
              />
            </Form.Item>
          ) : null}
          {needs('attachments') && lead ? (
            <Form.Item label={t('field.attachments')}>
              <FileDrop lead={lead.id} files={files} onFiles={setFiles} />
            </Form.Item>
          ) : null}
        </Form>
        {problem?.fields ? (
          <ul className="field-error">
            {Object.entries(problem.fields)
              .filter(([name]) => !['assignee', 'members', 'limit_days', 'reason', 'until', 'text', 'leads', 'findings'].includes(name))
              .map(([name, told]) => (
                <li key={name}>{told}</li>
              ))}
          </ul>
        ) : null}
      </div>
    </Modal>
  );
}

type ChooseProps = {
  legend: string;
  name: string;
  wrong: boolean;
  options: { value: string; label: string; note?: string }[];
  value: string | undefined;
  onChoose: (value: string) => void;
};

function Choose({ legend, name, wrong, options, value, onChoose }: ChooseProps): ReactNode {
  return (
    <fieldset className="choose">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className={`choice ${value === option.value ? 'on' : ''}`}>
          <input type="radio" name={name} checked={value === option.value} onChange={() => onChoose(option.value)} />
          {option.label}
          {option.note ? <small>{option.note}</small> : null}
        </label>
      ))}
      {wrong ? <p className="field-error" role="alert">{t('field.needed')}</p> : null}
    </fieldset>
  );
}
