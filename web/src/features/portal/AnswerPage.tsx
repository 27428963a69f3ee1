/** 疑点反馈: left the claim, right the answer per line; accept or appeal with a class of reason, words and files. */
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey } from '../../api/client';
import type { ActOffer, Attachment, LeadDetail } from '../../api/contract';
import { useAct, useLead } from '../../api/queries';
import { yuan } from '../../format/money';
import { t, word } from '../../texts';
import { ActBar } from '../../ui/acts/ActBar';
import { isOnward } from '../../ui/acts/keys';
import { FileDrop } from '../../ui/acts/Files';
import { LineForm } from '../../ui/acts/LineForm';
import { answers, missing, sums, toAnswer, type Drafts } from '../../ui/acts/lines';
import { ReplyView } from '../../ui/acts/ReplyView';
import { Steps } from '../../ui/acts/Steps';
import { EvidenceView } from '../../ui/evidence/EvidenceView';
import { Due, Money } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import { Failed, sentence, Skeleton } from '../../ui/states';
import { StatusTag, VerdictTag } from '../../ui/tags';
import '../../ui/review.css';

const route = getRouteApi('/answers/$id');

export function AnswerPage(): ReactNode {
  const { id } = route.useParams();
  const query = useLead(id);
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return <Loaded key={`${id}-${query.data.version}`} lead={query.data} />;
}

function Loaded({ lead }: { lead: LeadDetail }): ReactNode {
  const findings = toAnswer(lead.finding_list);
  const [current, setCurrent] = useState(findings[0]?.id);
  const offer = lead.acts.find((one) => one.needs.includes('lines'));
  const onward = lead.acts.some((one) => one.allowed && isOnward(one.act));
  return (
    <>
      <header className="page-head lead-head">
        <h1>
          <Link to="/">{t('portal.todo')}</Link> <code>{lead.number}</code>
        </h1>
        <VerdictTag result={lead.result} />
        <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} />
        {lead.due ? <Due due={lead.due} /> : null}
        <span>
          {t('lead.amount')} <Money fen={lead.amount_fen} strong />
        </span>
      </header>
      <div className="grid-review">
        <div className="panel evidence-panel evidence-stacked">
          <EvidenceView findings={lead.finding_list} chosen={current} onChoose={setCurrent} />
        </div>
        <div className="review-side">
          <Panel title={t('portal.my_answer')} note={lead.due ? t('portal.until', { day: lead.due.day }) : undefined} className="review-form">
            <div className="pad">
              <ActBar lead={lead} skip={offer ? [offer.act] : []} />
            </div>
            {offer?.allowed ? (
              <AnswerForm lead={lead} offer={offer} current={current} onCurrent={setCurrent} />
            ) : onward ? null : (
              <Alert type="info" showIcon title={offer?.why_not ?? t('portal.closed')} />
            )}
          </Panel>
          {lead.reply ? <ReplyView reply={lead.reply} findings={lead.finding_list} /> : null}
          <Panel title={t('lead.history')}>
            <Steps steps={lead.steps} />
          </Panel>
        </div>
      </div>
    </>
  );
}

type Props = { lead: LeadDetail; offer: ActOffer; current: string | undefined; onCurrent: (finding: string) => void };

function AnswerForm({ lead, offer, current, onCurrent }: Props): ReactNode {
  const navigate = useNavigate();
  const { message } = App.useApp();
  const run = useAct(lead.id, offer.act);
  const findings = toAnswer(lead.finding_list);
  const reasons = offer.reasons ?? [];
  const [drafts, setDrafts] = useState<Drafts>({});
  const [files, setFiles] = useState<Attachment[]>([]);
  const [text, setText] = useState('');
  const [strict, setStrict] = useState(false);
  const [key] = useState(newKey);
  const lacks = findings.some((finding) => missing(finding, drafts[finding.id], reasons));
  const total = sums(findings, drafts);
  const submit = () => {
    setStrict(true);
    if (lacks || run.isPending) return;
    run.mutate(
      {
        key,
        body: {
          version: lead.version,
          lines: answers(lead.finding_list, drafts),
          text: text.trim() || undefined,
          attachments: files.length > 0 ? files.map((file) => file.id) : undefined,
        },
      },
      {
        onSuccess: () => {
          void message.success(t('portal.sent'));
          void navigate({ to: '/' });
        },
      },
    );
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+Enter is a shortcut to the button below
    <div
      className="pad"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <LineForm side="institution" findings={findings} drafts={drafts} onDrafts={setDrafts} reasons={reasons} current={current} onCurrent={onCurrent} strict={strict} />
      <Input.TextArea aria-label={t('portal.note')} placeholder={t('portal.note')} rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />
      <FileDrop lead={lead.id} files={files} onFiles={setFiles} />
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <p className="effect">{t('portal.effect', { yes: yuan(total.yes), no: yuan(total.no) })}</p>
      <Button type="primary" size="large" block loading={run.isPending} onClick={submit}>
        {offer.title}
      </Button>
    </div>
  );
}
