/**
 * The desk of who speaks line by line, the institution and the bureau alike: head of the lead, left the evidence of the line in hand, right
 * the form that answers it and the way so far.
 */
import { Alert, Button, Input } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ApiError, newKey } from '../../api/client';
import type { ActOffer, Attachment, Choice, LeadDetail, LineAnswer } from '../../api/contract';
import { client } from '../../api/me';
import { useAct } from '../../api/queries';
import { t, word } from '../../texts';
import { EvidenceView } from '../evidence/EvidenceView';
import { Due, Money } from '../figures';
import { AsOf, Panel } from '../PageHead';
import { sentence } from '../states';
import { StatusTag, VerdictTag } from '../tags';
import { actTitle } from '../titles';
import { FileDrop } from './Files';
import { LineForm } from './LineForm';
import { answers, missing, sums, toAnswer, type Drafts, type Side } from './lines';
import { Steps } from './Steps';
import './desk.css';

/** The line in hand, which the evidence follows. */
export type InHand = { current: string | undefined; onCurrent: (finding: string) => void };

type DeskProps = {
  lead: LeadDetail;
  /** What the title leads to, with the number of the lead. */
  title: ReactNode;
  about?: ReactNode;
  acts?: ReactNode;
  /** Between the head and the two columns. */
  above?: ReactNode;
  form: (hand: InHand) => ReactNode;
  /** Between the form and the way so far. */
  after?: ReactNode;
};

export function LineDesk({ lead, title, about, acts, above, form, after }: DeskProps): ReactNode {
  const [current, setCurrent] = useState(toAnswer(lead.finding_list)[0]?.id);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <VerdictTag result={lead.result} />
        <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} />
        {lead.due ? <Due due={lead.due} /> : null}
        {about}
        <span>
          {t('lead.amount')} <Money fen={lead.amount_fen} strong />
        </span>
        <AsOf />
        {acts ? <div className="page-acts">{acts}</div> : null}
      </header>
      {above}
      <div className="grid-review">
        <div className="panel evidence-panel evidence-stacked">
          <EvidenceView findings={lead.finding_list} chosen={current} onChoose={setCurrent} />
        </div>
        <div className="review-side">
          {form({ current, onCurrent: setCurrent })}
          {after}
          <Panel title={t('lead.history')}>
            <Steps steps={lead.steps} />
          </Panel>
        </div>
      </div>
    </>
  );
}

type FormProps = InHand & {
  lead: LeadDetail;
  offer: ActOffer;
  side: Side;
  start?: Drafts;
  reasons?: Choice[];
  replies?: LineAnswer[];
  /** Label of the words to the whole. */
  note: string;
  withFiles: boolean;
  /** The effect in one sentence, of the sums for and against. */
  effect: (total: { yes: number; no: number }) => string;
  onDone: (lead: LeadDetail) => void;
};

/** One conclusion per line, words and files to the whole; Ctrl+Enter hands it in, once every line is answered. */
export function LineDeskForm({ lead, offer, side, start, reasons = [], replies, note, withFiles, effect, onDone, current, onCurrent }: FormProps): ReactNode {
  const run = useAct(lead.id, offer.act);
  const findings = toAnswer(lead.finding_list);
  const [drafts, setDrafts] = useState<Drafts>(start ?? {});
  const [files, setFiles] = useState<Attachment[]>([]);
  const [text, setText] = useState('');
  const [strict, setStrict] = useState(false);
  const [key] = useState(newKey);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Whoever comes here to conclude begins at the first line without an answer: 1, 2, 3 are at hand. A focus somebody set stays.
    const held = document.activeElement;
    if (held && held !== document.body && held.id !== 'page') return;
    const cards = [...(form.current?.querySelectorAll('fieldset') ?? [])];
    const first = cards.find((card) => !card.querySelector('input:checked')) ?? cards[0];
    first?.querySelector('input')?.focus({ preventScroll: true });
  }, []);
  const lacks = findings.some((finding) => missing(finding, drafts[finding.id], reasons));
  const submit = () => {
    setStrict(true);
    if (lacks || run.isPending) return;
    const attachments = files.length > 0 ? files.map((file) => file.id) : undefined;
    run.mutate({ key, body: { version: lead.version, lines: answers(lead.finding_list, drafts), text: text.trim() || undefined, attachments } }, { onSuccess: onDone });
  };
  const conflict = run.error instanceof ApiError && run.error.problem.code === 'conflict';
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+Enter is a shortcut to the button below
    <div
      ref={form}
      className="pad"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <LineForm side={side} findings={findings} drafts={drafts} onDrafts={setDrafts} reasons={reasons} replies={replies} current={current} onCurrent={onCurrent} strict={strict} />
      <Input.TextArea aria-label={note} placeholder={note} rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />
      {withFiles ? <FileDrop lead={lead.id} files={files} onFiles={setFiles} /> : null}
      {run.error ? (
        <Alert
          type={conflict ? 'warning' : 'error'}
          showIcon
          title={sentence(run.error)}
          action={
            conflict ? (
              <Button size="small" onClick={() => void client.invalidateQueries({ queryKey: ['lead', lead.id] })}>
                {t('act.reload')}
              </Button>
            ) : undefined
          }
        />
      ) : null}
      <p className="effect">{effect(sums(findings, drafts))}</p>
      <Button type="primary" size="large" block loading={run.isPending} onClick={submit}>
        {actTitle(offer)} <kbd>Ctrl Enter</kbd>
      </Button>
    </div>
  );
}
