/** Figures a person reads: money, deadlines, key numbers, precision with its interval. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Due as DueOf, Precision } from '../api/contract';
import { wan, yuan } from '../format/money';
import { t } from '../texts';

/** 元, two decimals, right-aligned by its column; `—` where a rule computes no money. */
export function Money({ fen, strong }: { fen: number | undefined; strong?: boolean }): ReactNode {
  if (fen === undefined) return <span className="faint">—</span>;
  return <span className={strong ? 'num strong' : 'num'}>{yuan(fen)}</span>;
}

/** 办理时限: the remaining working days in words; red only when overdue, amber at three and below. */
export function Due({ due }: { due: DueOf | undefined }): ReactNode {
  if (!due) return <span className="faint">—</span>;
  const left = due.working_days_left;
  if (due.overdue) return <span className="due due-over" title={due.day}>{t('due.over', { n: Math.abs(left) })}</span>;
  if (left === 0) return <span className="due due-soon" title={due.day}>{t('due.today')}</span>;
  return <span className={left <= 3 ? 'due due-soon' : 'due'} title={due.day}>{t('due.left', { n: left })}</span>;
}

export type KpiOf = {
  title: string;
  value: ReactNode;
  unit?: string;
  note?: ReactNode;
  tone?: 'amber' | 'red';
  /** Where the rows behind the number stand. */
  href?: { to: string; search?: Record<string, unknown> };
};

/** The strip of at most five numbers; each opens the rows behind it. */
export function KpiStrip({ label, items }: { label: string; items: KpiOf[] }): ReactNode {
  return (
    <ul className="kpis panel" aria-label={label}>
      {items.map((item) => (
        <li key={item.title} className="kpi">
          <span className="kpi-title" title={item.title}>{item.title}</span>
          <span className={`kpi-value ${item.tone ? `kpi-${item.tone}` : ''}`}>
            {item.href ? (
              <Link to={item.href.to} search={item.href.search as never} className="kpi-link">
                {item.value}
              </Link>
            ) : (
              item.value
            )}
            {item.unit ? <small>{item.unit}</small> : null}
          </span>
          {item.note ? <span className="kpi-note" title={typeof item.note === 'string' ? item.note : undefined}>{item.note}</span> : null}
        </li>
      ))}
    </ul>
  );
}

export function wanUnit(fen: number | undefined): string {
  return fen === undefined ? '—' : wan(fen);
}

/** 成立率 with its interval: never a bare per cent. */
export function PrecisionBar({ precision, followed }: { precision: Precision; /** Of reminders: followed, not upheld. */ followed?: boolean }): ReactNode {
  const { checked, upheld, low, high } = precision;
  if (checked === 0) return <span className="faint">{t(followed ? 'counter.interval.none' : 'precision.none')}</span>;
  const sentence = { checked, upheld, low: Math.round(low * 100), high: Math.round(high * 100) };
  const at = (upheld / checked) * 100;
  return (
    <span className="precision" title={t(followed ? 'counter.followed.sentence' : 'precision.sentence', sentence)}>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect x="0" y="4" width="100" height="2" className="precision-base" />
        <rect x={low * 100} y="2.5" width={Math.max(1, (high - low) * 100)} height="5" className="precision-band" />
        <rect x={Math.min(98, at)} y="0" width="2" height="10" className="precision-mark" />
      </svg>
      <span className="num">{Math.round(at)}%</span>
      <span className="faint num">{t(followed ? 'counter.followed.of' : 'precision.of', { upheld, checked })}</span>
    </span>
  );
}

/** Facts as label and value, in reading order. */
export function Facts({ items }: { items: [string, ReactNode][] }): ReactNode {
  return (
    <dl className="facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
