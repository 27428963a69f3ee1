/** Split view of the second review and the panel: left the evidence of the line in hand, right the institution's answer and the conclusion. */
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { ApiError, newKey } from '../../api/client';
import type { ActOffer, Attachment, LeadDetail } from '../../api/contract';
import { client } from '../../api/me';
import { useAct, useLead } from '../../api/queries';
import { yuan } from '../../format/money';
import { t, word } from '../../texts';
import { ActBar, RunAct } from '../../ui/acts/ActBar';
import { FileDrop, FileList } from '../../ui/acts/Files';
import { LineForm } from '../../ui/acts/LineForm';
import { answers, missing, sums, toAnswer, upheldWhereAccepted, type Drafts } from '../../ui/acts/lines';
import { PanelView } from '../../ui/acts/PanelView';
import { Steps } from '../../ui/acts/Steps';
import { EvidenceView } from '../../ui/evidence/EvidenceView';
import { Due, Money } from '../../ui/figures';
import { useKeys } from '../../ui/keys';
import { Panel } from '../../ui/PageHead';
import { Failed, sentence, Skeleton } from '../../ui/states';
import { StatusTag, VerdictTag } from '../../ui/tags';
import '../../ui/review.css';

const route = getRouteApi('/reviews/$id');

export function ReviewPage(): ReactNode {
  const { id } = route.useParams();
  const query = useLead(id);
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return <Loaded key={`${id}-${query.data.version}`} lead={query.data} />;
}

function Loaded({ lead }: { lead: LeadDetail }): ReactNode {
  const navigate = useNavigate();
  const findings = toAnswer(lead.finding_list);
  const [current, setCurrent] = useState(findings[0]?.id);
  // The act of this desk that concludes line by line, whatever the step is called.
  const concluding = lead.acts.find((offer) => offer.needs.includes('lines') && offer.allowed) ?? lead.acts.find((offer) => offer.needs.includes('lines'));
  useKeys({ Escape: () => void navigate({ to: '/reviews', search: {} }) });
  return (
    <>
      <header className="page-head lead-head">
        <h1>
          <Link to="/leads/$id" params={{ id: lead.id }}>
            <code>{lead.number}</code>
          </Link>
        </h1>
        <VerdictTag result={lead.result} />
        <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} />
        {lead.due ? <Due due={lead.due} /> : null}
        <span className="faint">{lead.institution?.name}</span>
        <span>
          {t('lead.amount')} <Money fen={lead.amount_fen} strong />
        </span>
        <div className="page-acts">
          <ActBar lead={lead} skip={concluding ? [concluding.act] : []} many={2} />
        </div>
      </header>
      {lead.panel ? <PanelView panel={lead.panel} /> : null}
      <div className="grid-review">
        <div className="panel evidence-panel evidence-stacked">
          <EvidenceView findings={lead.finding_list} chosen={current} onChoose={setCurrent} />
        </div>
        <div className="review-side">
          <Panel title={concluding ? concluding.title : t('reply.title')} className="review-form">
            {lead.reply?.text ? <p className="pre pad">{t('review.reply_text', { text: lead.reply.text })}</p> : null}
            {lead.reply && lead.reply.attachments.length > 0 ? <FileList files={lead.reply.attachments} /> : null}
            {concluding ? (
              <Conclude lead={lead} offer={concluding} current={current} onCurrent={setCurrent} />
            ) : (
              <p className="pad faint">{t('review.nothing')}</p>
            )}
          </Panel>
          <Panel title={t('lead.history')}>
            <Steps steps={lead.steps} />
          </Panel>
        </div>
      </div>
    </>
  );
}

type Props = { lead: LeadDetail; offer: ActOffer; current: string | undefined; onCurrent: (finding: string) => void };

function Conclude({ lead, offer, current, onCurrent }: Props): ReactNode {
  const navigate = useNavigate();
  const { message } = App.useApp();
  const run = useAct(lead.id, offer.act);
  const findings = toAnswer(lead.finding_list);
  const [drafts, setDrafts] = useState<Drafts>(() => upheldWhereAccepted(lead.reply?.lines));
  const [files, setFiles] = useState<Attachment[]>([]);
  const [text, setText] = useState('');
  const [strict, setStrict] = useState(false);
  const [asking, setAsking] = useState(false);
  const [key] = useState(newKey);
  if (!offer.allowed) return <Alert type="info" showIcon title={t('act.not_now', { title: offer.title, why: offer.why_not ?? '' })} />;
  // What needs more than lines and words (a road, a vote, people) is asked for in the dialog.
  const simple = offer.needs.every((need) => need === 'lines' || need === 'text' || need === 'reason' || need === 'attachments');
  if (!simple) {
    return (
      <div className="pad">
        <p>{offer.effect}</p>
        <Button type="primary" onClick={() => setAsking(true)}>
          {offer.title}
        </Button>
        {asking ? <RunAct lead={lead} offer={offer} onClose={() => setAsking(false)} /> : null}
      </div>
    );
  }
  const lacks = findings.some((finding) => missing(finding, drafts[finding.id], []));
  const total = sums(findings, drafts);
  const submit = () => {
    setStrict(true);
    if (lacks || run.isPending) return;
    run.mutate(
      { key, body: { version: lead.version, lines: answers(lead.finding_list, drafts), text: text.trim() || undefined, attachments: files.length > 0 ? files.map((file) => file.id) : undefined } },
      {
        onSuccess: (detail) => {
          void message.success(t('act.done', { act: offer.title, status: detail.status_title }));
          void navigate({ to: '/reviews', search: {} });
        },
      },
    );
  };
  const problem = run.error instanceof ApiError ? run.error.problem : undefined;
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+Enter is a shortcut to the button below
    <div
      className="pad"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <LineForm side="bureau" findings={findings} drafts={drafts} onDrafts={setDrafts} reasons={[]} replies={lead.reply?.lines} current={current} onCurrent={onCurrent} strict={strict} />
      <Input.TextArea aria-label={t('field.text_optional')} placeholder={t('field.text_optional')} rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />
      {offer.needs.includes('attachments') ? <FileDrop lead={lead.id} files={files} onFiles={setFiles} /> : null}
      {run.error ? (
        <Alert
          type={problem?.code === 'conflict' ? 'warning' : 'error'}
          showIcon
          title={sentence(run.error)}
          action={
            problem?.code === 'conflict' ? (
              <Button size="small" onClick={() => void client.invalidateQueries({ queryKey: ['lead', lead.id] })}>
                {t('act.reload')}
              </Button>
            ) : undefined
          }
        />
      ) : null}
      <p className="effect">{t('review.effect', { yes: yuan(total.yes), no: yuan(total.no) })}</p>
      <Button type="primary" loading={run.isPending} onClick={submit}>
        {offer.title} <kbd>Ctrl Enter</kbd>
      </Button>
    </div>
  );
}
