/** How a lead reads in any list. */
import type { ReactNode } from 'react';
import type { Lead } from '../api/contract';
import { day } from '../format/day';
import { language, t, word } from '../texts';
import { Due, Money } from './figures';
import type { Column } from './QueryTable';
import { StatusTag, VerdictTag } from './tags';

export function ruleTitle(lead: Lead): string {
  const first = lead.rules[0]?.title ?? lead.reason;
  return lead.rules.length > 1 ? t('lead.rules_more', { first, n: lead.rules.length }) : first;
}

export function Score({ value }: { value: number }): ReactNode {
  return (
    <span className="score">
      <span className="num">{value}</span>
      <span className="score-track" aria-hidden="true">
        <span style={{ width: `${value}%` }} />
      </span>
    </span>
  );
}

type Name = 'score' | 'result' | 'rule' | 'reason' | 'institution' | 'subject' | 'day' | 'amount' | 'expected' | 'status' | 'due' | 'holder';

/** Columns of a list of leads, in the order asked for. */
export function leadColumns(...names: Name[]): Column<Lead>[] {
  const all = columns();
  return names.map((name) => all[name]);
}

function columns(): Record<Name, Column<Lead>> {
  return {
  score: { id: 'score', title: t('lead.score'), width: 66, cell: (lead) => <Score value={lead.score} /> },
  result: {
    id: 'result',
    title: t('lead.result'),
    width: language() === 'en' ? 94 : 78,
    cell: (lead) => (
      <>
        <VerdictTag result={lead.result} />
        {lead.gone ? <span className="gone">{t('lead.gone_short')}</span> : null}
        {lead.put_off_until ? <span className="gone">{t('lead.put_off', { day: lead.put_off_until.slice(5) })}</span> : null}
      </>
    ),
  },
  rule: {
    id: 'rule',
    title: t('lead.rule'),
    wide: true,
    cell: (lead) => (
      <>
        <span className="line1 ellipsis" title={lead.rules.map((rule) => rule.title).join('\n')}>
          {ruleTitle(lead)}
        </span>
        <span className="line2 ellipsis">
          <code>{lead.number}</code>  {t('lead.findings_n', { n: lead.findings })}
        </span>
      </>
    ),
  },
  reason: {
    id: 'reason',
    title: t('lead.reason'),
    wide: true,
    cell: (lead) => (
      <>
        <span className="line1 ellipsis" title={lead.reason}>{lead.reason}</span>
        <span className="line2 ellipsis">
          <code>{lead.number}</code>  {lead.institution?.name ?? lead.subject_label}
        </span>
      </>
    ),
  },
  institution: {
    id: 'institution',
    title: t('lead.institution'),
    width: 150,
    cell: (lead) => (
      <>
        <span className="line1 ellipsis" title={lead.institution?.name}>{lead.institution?.name ?? '—'}</span>
        <span className="line2 ellipsis">{lead.institution?.level ?? '\u00a0'}</span>
      </>
    ),
  },
  subject: {
    id: 'subject',
    title: t('lead.subject'),
    width: 92,
    cell: (lead) => (
      <>
        <span className="line1 ellipsis" title={lead.subject_label}>{lead.person?.name_masked ?? word(`subject.${lead.subject}`, lead.subject_label)}</span>
        <span className="line2 ellipsis">{lead.visit?.kind_title ?? (lead.person ? word(`subject.${lead.subject}`, lead.subject_label) : '\u00a0')}</span>
      </>
    ),
  },
  day: { id: 'day', title: t('lead.day'), width: 92, sort: 'day', cell: (lead) => <span className="num nowrap">{day(lead.last_day)}</span> },
  amount: { id: 'amount', title: t('lead.amount'), width: 124, align: 'right', sort: 'amount', cell: (lead) => <Money fen={lead.amount_fen} strong /> },
  expected: { id: 'expected', title: t('lead.expected'), width: 112, align: 'right', cell: (lead) => <Money fen={lead.amount_fen > 0 ? lead.expected_fen : undefined} /> },
  status: { id: 'status', title: t('lead.status'), width: 96, cell: (lead) => <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} /> },
  due: { id: 'due', title: t('lead.due'), width: 86, sort: 'due', cell: (lead) => <Due due={lead.due} /> },
  holder: { id: 'holder', title: t('lead.holder'), width: 76, cell: (lead) => <span className="ellipsis line1">{lead.holder?.name ?? <span className="faint">—</span>}</span> },
  };
}
