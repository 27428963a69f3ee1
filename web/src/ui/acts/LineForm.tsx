/** One conclusion per line: accept or appeal on the institution's side, uphold, partly or withdraw on the bureau's. */
import { Input, Select } from 'antd';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Choice, Conclusion, Finding, LineAnswer } from '../../api/contract';
import { yuan } from '../../format/money';
import { t, word } from '../../texts';
import { Money } from '../figures';
import { VerdictTag } from '../tags';
import { reasonTitle } from './reasons';
import { CONCLUSIONS, likewise, missing, sums, type Draft, type Drafts, type Side } from './lines';
import './acts.css';

type Props = {
  side: Side;
  findings: Finding[];
  drafts: Drafts;
  onDrafts: (drafts: Drafts) => void;
  reasons: Choice[];
  /** What the institution answered, set beside each line. */
  replies?: LineAnswer[];
  /** Line under the cursor; moving on is told to the page so that the evidence follows. */
  current?: string;
  onCurrent?: (finding: string) => void;
  /** Whether to say what is missing. */
  strict: boolean;
};

export function LineForm({ side, findings, drafts, onDrafts, reasons, replies, current, onCurrent, strict }: Props): ReactNode {
  const change = (finding: Finding, part: Draft) => onDrafts({ ...drafts, [finding.id]: { ...drafts[finding.id], ...part } });
  const total = sums(findings, drafts);
  const open = findings.filter((finding) => !drafts[finding.id]?.conclusion).length;
  return (
    <div className="lines">
      <div className="lines-all">
        <span className="faint">{t('line.all')}</span>
        {CONCLUSIONS[side]
          .filter((one) => one !== 'partly' && one !== 'appeal')
          .map((one) => (
            <button
              key={one}
              type="button"
              className="link"
              onClick={() => onDrafts(Object.fromEntries(findings.map((finding) => [finding.id, { ...drafts[finding.id], conclusion: one }])))}
            >
              {t(`conclusion.${one}`)}
            </button>
          ))}
      </div>
      {findings.map((finding, i) => {
        const reply = replies?.find((one) => one.finding_id === finding.id);
        return (
          <LineCard
            key={finding.id}
            number={i + 1}
            side={side}
            finding={finding}
            draft={drafts[finding.id]}
            reply={reply}
            reasons={reasons}
            strict={strict}
            current={finding.id === current}
            onFocus={() => onCurrent?.(finding.id)}
            onChange={(part) => change(finding, part)}
            open={open}
            onLikewise={() => onDrafts(likewise(findings, drafts, finding.id))}
          />
        );
      })}
      <p className="lines-sum" aria-live="polite">
        <span>{t(side === 'institution' ? 'line.sum_accept' : 'line.sum_uphold', { amount: yuan(total.yes) })}</span>
        <span>{t(side === 'institution' ? 'line.sum_appeal' : 'line.sum_withdraw', { amount: yuan(total.no) })}</span>
        {total.open > 0 ? <span className="faint">{t('line.sum_open', { amount: yuan(total.open) })}</span> : null}
      </p>
    </div>
  );
}

type CardProps = {
  number: number;
  side: Side;
  finding: Finding;
  draft: Draft | undefined;
  reply: LineAnswer | undefined;
  reasons: Choice[];
  strict: boolean;
  current: boolean;
  onFocus: () => void;
  onChange: (part: Draft) => void;
  /** Lines without an answer, and what gives them this one's. */
  open: number;
  onLikewise: () => void;
};

function LineCard({ number, side, finding, draft, reply, reasons, strict, current, onFocus, onChange, open, onLikewise }: CardProps): ReactNode {
  const wrong = strict ? missing(finding, draft, reasons) : undefined;
  const name = `conclusion-${finding.id}`;
  const choose = (conclusion: Conclusion) => onChange({ conclusion });
  // 1, 2, 3 choose while the focus is anywhere in the card but in a text.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof Element && event.target.closest('textarea, input[type=text], [role=combobox]')) return;
    const conclusion = CONCLUSIONS[side][Number(event.key) - 1];
    if (conclusion) {
      event.preventDefault();
      choose(conclusion);
    }
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- digits are a shortcut to the radios inside
    <fieldset className={`line-card ${current ? 'current' : ''} ${wrong ? 'wrong' : ''}`} onFocus={onFocus} onKeyDown={onKeyDown}>
      <legend className="unseen">{t('line.legend', { n: number, rule: finding.rule.title })}</legend>
      <p className="line-head">
        <span className="faint num">{number}</span>
        <VerdictTag result={finding.result} />
        <strong className="ellipsis" title={finding.rule.title}>{finding.rule.title}</strong>
        <Money fen={finding.amount_fen} strong />
      </p>
      <p className="line-text">{finding.text}</p>
      {reply ? (
        <p className="line-reply">
          {reply.conclusion ? <b>{t(`conclusion.${reply.conclusion}`)}</b> : null}
          {reply.reason ? <span>{word(`appeal.${reply.reason}`, reply.reason)}</span> : null}
          {reply.text ? <span>{reply.text}</span> : null}
        </p>
      ) : null}
      <div className="choices" role="radiogroup" aria-label={t('line.legend', { n: number, rule: finding.rule.title })}>
        {CONCLUSIONS[side].map((one, i) => (
          <label key={one} className={`choice choice-${one} ${draft?.conclusion === one ? 'on' : ''}`}>
            <input type="radio" name={name} checked={draft?.conclusion === one} onChange={() => choose(one)} />
            {t(`conclusion.${one}`)}
            <kbd>{i + 1}</kbd>
          </label>
        ))}
        {draft?.conclusion === 'partly' ? (
          <Input
            className="line-amount"
            value={draft.amount}
            inputMode="decimal"
            aria-label={t('line.amount')}
            placeholder={t('line.amount')}
            suffix={t('unit.yuan')}
            onChange={(event) => onChange({ amount: event.target.value })}
          />
        ) : null}
      </div>
      {draft?.conclusion === 'appeal' && reasons.length > 0 ? (
        <Select
          className="full"
          value={draft.reason}
          aria-label={t('line.reason')}
          placeholder={t('line.reason')}
          options={reasons.map((reason) => ({ value: reason.code, label: reasonTitle(reason, 'appeal') }))}
          onChange={(reason: string) => onChange({ reason })}
        />
      ) : null}
      {draft?.conclusion && draft.conclusion !== 'accept' ? (
        <Input.TextArea
          value={draft.text}
          rows={2}
          maxLength={2000}
          aria-label={t('line.text')}
          placeholder={draft.conclusion === 'uphold' ? t('line.text_optional') : t('line.text')}
          onChange={(event) => onChange({ text: event.target.value })}
        />
      ) : null}
      {open > 0 && draft?.conclusion && draft.conclusion !== 'accept' && draft.conclusion !== 'partly' && !missing(finding, draft, reasons) ? (
        <button type="button" className="link" onClick={onLikewise}>
          {t('line.same', { n: open })}
        </button>
      ) : null}
      {wrong ? <p className="field-error" role="alert">{t(wrong)}</p> : null}
    </fieldset>
  );
}
