/** 规则库: which rules earn their keep, which cry wolf. */
import { getRouteApi } from '@tanstack/react-router';
import { Input, Segmented } from 'antd';
import { useState, type ReactNode } from 'react';
import type { RuleRow } from '../../api/contract';
import { useRules } from '../../api/queries';
import { count, wan } from '../../format/money';
import { t, word } from '../../texts';
import { Money, PrecisionBar } from '../../ui/figures';
import { KeyHint, PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { PlainTag, VerdictTag } from '../../ui/tags';
import { RESULTS } from '../../api/contract';
import './rules.css';

const route = getRouteApi('/rules');

const ORDER: Record<string, (a: RuleRow, b: RuleRow) => number> = {
  findings: (a, b) => b.findings - a.findings,
  amount: (a, b) => b.amount_fen - a.amount_fen,
  precision: (a, b) => b.low - a.low,
};

export function RulesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useRules();
  const all = query.data?.items;
  const [typed, setTyped] = useState(search.q ?? '');
  const classes = [...new Set((all ?? []).map((rule) => rule.class))].sort();
  const words = (search.q ?? '').toLowerCase();
  const order = ORDER[search.sort ?? 'amount'];
  const rows = all
    ?.filter((rule) => (!search.class || rule.class === search.class) && `${rule.id} ${rule.title}`.toLowerCase().includes(words))
    .sort(order);
  return (
    <>
      <PageHead title={t('menu.rules')}>
        <KeyHint keys={['J', 'K']}>{t('hint.move')}</KeyHint>
        <KeyHint keys={['Enter']}>{t('hint.open')}</KeyHint>
      </PageHead>
      {all ? <Scatter rules={all} onPick={(id) => void navigate({ to: '/rules/$id', params: { id } })} /> : null}
      <Panel className="list">
        <div className="filters">
          <Segmented
            aria-label={t('rule.class')}
            value={search.class ?? ''}
            options={[{ value: '', label: t('filter.all') }, ...classes.map((one) => ({ value: one, label: word(`rule.class.${one}`, one) }))]}
            onChange={(next) => void navigate({ search: (old) => ({ ...old, class: next || undefined }) })}
          />
          <Input.Search
            className="filter-words"
            allowClear
            aria-label={t('rule.search')}
            placeholder={t('rule.search')}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onSearch={(q) => void navigate({ search: (old) => ({ ...old, q: q.trim() || undefined }) })}
          />
          <span className="filter-total" aria-live="polite">{rows ? t('rule.total', { n: rows.length }) : null}</span>
        </div>
        <QueryTable
          label={t('menu.rules')}
          rows={rows}
          id={(rule) => rule.id}
          columns={columns()}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          sort={search.sort ?? 'amount'}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort === 'amount' ? undefined : sort }) })}
          onGo={(rule) => void navigate({ to: '/rules/$id', params: { id: rule.id } })}
          empty={<Empty title={t('rule.none')} />}
        />
      </Panel>
    </>
  );
}

function columns(): Column<RuleRow>[] {
  return [
    {
      id: 'title',
      title: t('rule.title'),
      wide: true,
      cell: (rule) => (
        <>
          <span className="line1 ellipsis" title={rule.title}>{rule.title}</span>
          <span className="line2">
            <code>{t('rule.version', { id: rule.id, version: rule.version })}</code> {word(`rule.class.${rule.class}`, rule.class)}
          </span>
        </>
      ),
    },
    { id: 'verdict', title: t('lead.result'), width: 84, cell: (rule) => <Verdict verdict={rule.verdict} /> },
    { id: 'status', title: t('rule.status'), width: 78, cell: (rule) => <PlainTag kind={rule.status === 'live' ? 'cleared' : 'grey'}>{word(`rule.status.${rule.status}`, rule.status)}</PlainTag> },
    { id: 'from', title: t('rule.from'), width: 100, cell: (rule) => (rule.valid_from ? <span className="num">{rule.valid_from}</span> : t('rule.always')) },
    { id: 'findings', title: t('rule.findings'), width: 92, align: 'right', sort: 'findings', cell: (rule) => <span className="num">{count(rule.findings)}</span> },
    { id: 'precision', title: t('rule.precision'), width: 220, sort: 'precision', cell: (rule) => <PrecisionBar precision={rule} /> },
    { id: 'amount', title: t('rule.amount'), width: 128, align: 'right', sort: 'amount', cell: (rule) => <Money fen={rule.amount_fen} strong /> },
  ];
}

export function Verdict({ verdict }: { verdict: string }): ReactNode {
  const result = RESULTS.find((one) => one === verdict);
  return result ? <VerdictTag result={result} /> : <span>{verdict}</span>;
}

const W = 1080;
const H = 170;

/** Rules by hits (log) and precision, size by money: bottom right is noise, top left treasure. Focusable marks of our own. */
function Scatter({ rules, onPick }: { rules: RuleRow[]; onPick: (id: string) => void }): ReactNode {
  const judged = rules.filter((rule) => rule.checked > 0 && rule.findings > 0);
  if (judged.length === 0) return null;
  const most = Math.max(10, ...judged.map((rule) => rule.findings));
  const money = Math.max(1, ...judged.map((rule) => rule.amount_fen));
  const least = Math.max(1, Math.min(...judged.map((rule) => rule.findings)) / 2);
  const x = (n: number) => 52 + (Math.log10(n / least) / Math.log10(most / least)) * (W - 90);
  const y = (share: number) => 10 + (1 - share) * (H - 34);
  return (
    <Panel title={t('rule.scatter')} note={t('rule.scatter.note')} className="scatter">
      <svg viewBox={`0 0 ${W} ${H}`} role="group" aria-label={t('rule.scatter.summary', { n: judged.length })}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={40} x2={W - 20} y1={y(share)} y2={y(share)} className="lane-tick" />
            <text x={36} y={y(share) + 4} textAnchor="end" className="lane-text">
              {share * 100}%
            </text>
          </g>
        ))}
        {[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].filter((n) => n >= least && n <= most).map((n) => (
          <text key={n} x={x(n)} y={H - 6} textAnchor="middle" className="lane-text">
            {count(n)}
          </text>
        ))}
        {[...judged].sort((a, b) => b.amount_fen - a.amount_fen).map((rule) => {
          const share = rule.upheld / rule.checked;
          const words = t('rule.scatter.dot', { title: rule.title, findings: count(rule.findings), share: Math.round(share * 100), amount: wan(rule.amount_fen) });
          return (
            <g
              key={rule.id}
              role="link"
              tabIndex={0}
              aria-label={words}
              className="rule-dot"
              onClick={() => onPick(rule.id)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') {
                  event.stopPropagation();
                  onPick(rule.id);
                }
              }}
            >
              <title>{words}</title>
              <circle cx={x(rule.findings)} cy={y(share)} r={3.5 + 9 * Math.sqrt(rule.amount_fen / money)} className={share < 0.4 ? 'noisy' : ''} />
            </g>
          );
        })}
      </svg>
    </Panel>
  );
}
