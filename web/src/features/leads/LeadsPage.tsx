/** 疑点线索: triage. Strip, charts that can be put away, filters, table with the opened row, acts on many. */
import { Button } from 'antd';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import type { Lead, LeadQuery } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { useLeads, useSummary, useWorkbench } from '../../api/queries';
import { dayNumber, fromDayNumber } from '../../format/day';
import { count, share, wan, yuan } from '../../format/money';
import { leadSearch, type LeadSearch } from '../../router';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { ExportButton } from '../../ui/ExportButton';
import { KpiStrip, type KpiOf } from '../../ui/figures';
import { leadColumns } from '../../ui/leads';
import { KeyHint, PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { Views } from '../../ui/Views';
import { WeeksChart } from '../../ui/WeeksChart';
import { BatchBar } from './BatchBar';
import { cleared, LeadFilters } from './LeadFilters';
import { LeadOpen } from './LeadOpen';
import { holdList } from '../../ui/neighbours';
import { PendingAct } from './PendingAct';

const route = getRouteApi('/leads');
const CHARTS = 'mingjian.leads.charts';
const PAGE = 50;

export function asQuery(search: LeadSearch): LeadQuery {
  const { min, open: _, ...rest } = search;
  return { ...rest, amount_min_fen: min, limit: PAGE };
}

export function LeadsPage(): ReactNode {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = asQuery(search);
  const leads = useLeads(query);
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [pending, setPending] = useState<{ lead: string; key: string }>();
  const own = me?.institution !== undefined;
  const [charts, setCharts] = useState(chartsWanted);
  const toggleCharts = () => {
    localStorage.setItem(CHARTS, charts ? 'hidden' : 'shown');
    setCharts(!charts);
  };

  const change = useCallback(
    (part: Partial<LeadSearch>) => {
      setChosen(new Set());
      void navigate({ search: (old) => ({ ...old, after: undefined, open: undefined, ...part }) });
    },
    [navigate],
  );
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: true });
  const full = (lead: Lead) =>
    own ? void navigate({ to: '/answers/$id', params: { id: lead.id } }) : void navigate({ to: '/leads/$id', params: { id: lead.id }, search: {} });

  const items = leads.data?.items;
  useEffect(() => {
    if (items) holdList(items.map((lead) => lead.id));
  }, [items]);

  // The opened row and the bar of a selection listen to the same keys: theirs goes first.
  const act = (key: string) => (lead: Lead) => {
    if (search.open === lead.id || chosen.size > 0) return false;
    setPending({ lead: lead.id, key });
    return true;
  };
  const columns = own
    ? leadColumns('result', 'rule', 'subject', 'day', 'amount', 'status', 'due')
    : leadColumns('score', 'result', 'rule', 'institution', 'subject', 'day', 'amount', 'status', 'due', 'holder');

  return (
    <>
      <PageHead title={own ? t('menu.own_leads') : t('menu.leads')}>
        {own ? null : (
          <button type="button" className="link" aria-expanded={charts} onClick={toggleCharts}>
            {charts ? t('charts.hide') : t('charts.show')}
          </button>
        )}
        <KeyHint keys={['J', 'K']}>{t('hint.move')}</KeyHint>
        <KeyHint keys={['Enter']}>{t('hint.open')}</KeyHint>
        <KeyHint keys={['?']}>{t('hint.keys')}</KeyHint>
        <Views page="leads" search={search} parse={leadSearch} onPick={(view) => change({ ...cleared(), sort: undefined, ...view })} />
        {may(me, 'leads.export') ? (
          <ExportButton
            kind="leads"
            query={query}
            effect={t('export.effect', { n: count(leads.data?.total ?? 0), amount: yuan(leads.data?.sum_amount_fen ?? 0) })}
          />
        ) : null}
      </PageHead>
      {own ? null : <Strip search={search} />}
      {own || !charts ? null : <Charts onChange={change} />}
      <Panel className="list">
        <LeadFilters
          search={search}
          onChange={change}
          total={leads.data ? t('table.total', { n: count(leads.data.total) }) : null}
        />
        <QueryTable
          label={t('menu.leads')}
          rows={items}
          id={(lead) => lead.id}
          columns={columns}
          fetching={leads.isFetching}
          error={leads.error}
          retry={() => void leads.refetch()}
          empty={
            <Empty
              title={t('leads.none')}
              hint={t('leads.none.hint')}
              action={<Button onClick={() => change(cleared())}>{t('filter.clear')}</Button>}
            />
          }
          sort={search.sort ?? 'rank'}
          onSort={(sort) => change({ sort: sort === search.sort ? undefined : leadSort(sort) })}
          open={search.open}
          onOpen={open}
          detail={(lead) => <LeadOpen id={lead.id} onFull={() => full(lead)} />}
          chosen={own ? undefined : chosen}
          onChosen={own ? undefined : setChosen}
          keys={{ a: act('a'), f: act('f'), d: act('d'), e: (lead) => open(lead.id), t: full }}
          rowClass={(lead) => (lead.gone ? 'row-gone' : '')}
          totals={
            leads.data ? (
              <tr>
                <td colSpan={columns.length + 2}>
                  {t('leads.totals', { n: count(leads.data.total), amount: yuan(leads.data.sum_amount_fen), fund: yuan(leads.data.sum_fund_fen) })}
                </td>
              </tr>
            ) : null
          }
          paging={{
            total: leads.data?.total,
            next: leads.data?.next,
            prev: leads.data?.prev,
            first: search.after === undefined,
            go: (after) => void navigate({ search: (old) => ({ ...old, after, open: undefined }) }),
          }}
        />
      </Panel>
      {chosen.size > 0 ? <BatchBar chosen={chosen} items={items ?? []} query={query} total={leads.data?.total ?? 0} onDone={() => setChosen(new Set())} /> : null}
      {pending ? <PendingAct lead={pending.lead} byKey={pending.key} onClose={() => setPending(undefined)} /> : null}
    </>
  );
}

function leadSort(sort: string): LeadSearch['sort'] {
  return sort === 'amount' || sort === 'due' || sort === 'day' ? sort : undefined;
}

/** The filtered set in numbers; the split by verdict asks two counts. */
function Strip({ search }: { search: LeadSearch }): ReactNode {
  const base = { ...asQuery(search), after: undefined, sort: undefined, limit: 1 };
  const all = useLeads(base);
  const violation = useLeads({ ...base, result: '违规' });
  const suspect = useLeads({ ...base, result: '可疑' });
  const bench = useWorkbench();
  const [red, amber] = [violation.data?.total ?? 0, suspect.data?.total ?? 0];
  const strip = bench.data?.strip;
  const items: KpiOf[] = [
    { title: t('strip.count'), value: all.data ? count(all.data.total) : '—', unit: t('unit.leads'), note: strip ? t('strip.new', { n: count(strip.new_leads) }) : undefined },
    {
      title: t('strip.amount'),
      value: all.data ? wan(all.data.sum_amount_fen) : '—',
      unit: t('unit.wan'),
      note: all.data ? t('strip.fund', { amount: wan(all.data.sum_fund_fen) }) : undefined,
    },
    {
      title: t('strip.split'),
      value: (
        <span className="split" role="img" aria-label={t('strip.split.summary', { violation: red, suspect: amber })}>
          <span className="split-bar" aria-hidden="true">
            <i className="split-red" style={{ flexGrow: red }} />
            <i className="split-amber" style={{ flexGrow: amber }} />
          </span>
        </span>
      ),
      note: (
        <>
          <b className="text-violation">{count(red)}</b> {t('result.violation')} <b className="text-suspect">{count(amber)}</b> {t('result.suspect')}
        </>
      ),
    },
    {
      title: t('home.due3'),
      value: strip ? count(strip.due3) : '—',
      unit: t('unit.leads'),
      tone: strip && strip.due3 > 0 ? 'amber' : undefined,
      note: bench.data && bench.data.ladder.overdue > 0 ? <span className="due-over">{t('home.overdue', { n: bench.data.ladder.overdue })}</span> : t('home.no_overdue'),
      href: { to: '/leads', search: { due: 3, sort: 'due' } },
    },
    {
      title: t('home.recovered'),
      value: strip ? wan(strip.recovered_fen) : '—',
      unit: t('unit.wan'),
      note: strip?.target_fen ? t('home.target', { target: wan(strip.target_fen), share: share(strip.recovered_fen, strip.target_fen) }) : undefined,
      href: { to: '/recoveries', search: {} },
    },
  ];
  return <KpiStrip label={t('strip.title')} items={items} />;
}

/** Put away on low windows, so that ten rows show; what one chose is remembered. */
function chartsWanted(): boolean {
  const stored = localStorage.getItem(CHARTS);
  return stored === null ? window.innerHeight >= 850 : stored === 'shown';
}

function Charts({ onChange }: { onChange: (part: Partial<LeadSearch>) => void }): ReactNode {
  const bench = useWorkbench();
  const rules = useSummary('rule');
  const pickWeek = useCallback((monday: string) => onChange({ from: monday, to: fromDayNumber(dayNumber(monday) + 6) }), [onChange]);
  const top = [...(rules.data?.items ?? [])].sort((a, b) => b.amount_fen - a.amount_fen).slice(0, 6);
  return (
    <div className="grid-charts">
      {bench.data ? <WeeksChart weeks={bench.data.weeks} height={136} onPick={pickWeek} /> : null}
      <Panel title={t('charts.top')} note={t('charts.top.note')}>
        <Bars
          label={t('charts.top')}
          bars={top.map((item) => ({ key: item.key, title: item.title, value: item.amount_fen, text: wan(item.amount_fen), onPick: () => onChange({ rule: item.key }) }))}
        />
      </Panel>
    </div>
  );
}
