/** 事前事中提醒: who asks the counter, how fast it answers, what becomes of its reminders. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useCallback, useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import type { CounterCaller, CounterFigures, CounterInterface, CounterPage as Page, CounterRule, Precision } from '../../api/contract';
import { count } from '../../format/money';
import { t, type Key } from '../../texts';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import { KpiStrip, PrecisionBar } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty, Failed, Skeleton } from '../../ui/states';
import type { Paint } from '../../ui/theme';
import { daysBack } from './days';

/** National targets: institutions connected, reminders followed. */
const CONNECTED = 0.7;
const FOLLOWED = 0.8;
const RANGES = [7, 30, 90];

export function CounterPage(): ReactNode {
  const search = useSearch({ from: '/counter' });
  const navigate = useNavigate();
  const range = search.range ?? 30;
  const query = useQuery({
    queryKey: ['counter', range],
    queryFn: ({ signal }) => read('/counter', { signal, query: daysBack(new Date(), range) }),
    placeholderData: keepPreviousData,
  });
  const data = query.data;
  const ranges = (
    <Segmented
      aria-label={t('counter.range')}
      value={range}
      options={RANGES.map((days) => ({ value: days, label: t('counter.days', { n: days }) }))}
      onChange={(days) => void navigate({ to: '/counter', search: { range: days === 30 ? undefined : days } })}
    />
  );
  return (
    <>
      <PageHead title={t('menu.counter')} note={data ? t('counter.span', { from: data.from, to: data.to }) : undefined}>
        {ranges}
      </PageHead>
      {query.error && !data ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
      {!data && !query.error ? <Skeleton rows={8} /> : null}
      {data ? <Figures data={data} /> : null}
    </>
  );
}

function Figures({ data }: { data: Page }): ReactNode {
  const { totals, connection } = data;
  if (!data.serving) return <Panel title={t('menu.counter')}><Empty title={t('counter.elsewhere')} hint={t('counter.elsewhere.hint')} /></Panel>;
  const connected = connection && connection.institutions > 0 ? connection.connected / connection.institutions : undefined;
  const late = totals.late + totals.unjudged;
  return (
    <>
      <KpiStrip
        label={t('menu.counter')}
        items={[
          { title: t('counter.calls'), value: count(totals.calls), unit: t('counter.unit.calls'), note: t('counter.late', { late: count(late), light: count(totals.light) }) },
          { title: t('counter.time'), value: millis(totals.p99_ms), unit: t('counter.unit.ms'), note: t('counter.median', { ms: millis(totals.p50_ms) }) },
          { title: t('counter.reminders'), value: count(totals.reminders), unit: t('counter.unit.times'), note: t('counter.hit', { share: share(totals.reminded, totals.calls) }) },
          { title: t('counter.followed'), value: share(totals.followed.upheld, totals.followed.checked), note: t('counter.target', { share: percent(FOLLOWED), interval: interval(totals.followed) }) },
          ...(connection && connected !== undefined
            ? [{ title: t('counter.connected'), value: percent(connected), note: t('counter.connected.note', { connected: connection.connected, all: connection.institutions, share: percent(CONNECTED) }) }]
            : []),
        ]}
      />
      {data.unread.length > 0 ? <p className="faint" role="status">{t('counter.unread', { days: data.unread.join('、') })}</p> : null}
      <Trend data={data} />
      <Interfaces rows={data.interfaces} />
      <Callers rows={data.callers} />
      <Rules rows={data.rules} />
      {connection ? (
        <Panel title={t('counter.absent')} note={t('counter.absent.note', { n: connection.institutions - connection.connected })}>
          {connection.not_connected.length > 0 ? (
            <ul className="plain-list">
              {connection.not_connected.map((one) => (
                <li key={one.code}>
                  {one.name || one.code} <span className="faint">{one.code}</span>
                </li>
              ))}
            </ul>
          ) : (
            <Empty title={t('counter.absent.none')} />
          )}
        </Panel>
      ) : null}
    </>
  );
}

function Trend({ data }: { data: Page }): ReactNode {
  const { days, hours } = data;
  const byDay = useCallback(
    (paint: Paint) => ({
      ...chartBase(paint),
      xAxis: { type: 'category', data: days.map((one) => one.day.slice(5)), ...axisLook(paint), splitLine: { show: false } },
      yAxis: { type: 'value', minInterval: 1, ...axisLook(paint) },
      series: [
        { type: 'bar', name: t('counter.calls'), barMaxWidth: 18, data: days.map((one) => one.calls), itemStyle: { color: paint.kinds[0] } },
        { type: 'line', name: t('counter.reminders'), data: days.map((one) => one.reminders), symbol: 'circle', itemStyle: { color: paint.kinds[1] } },
      ],
    }),
    [days],
  );
  const byHour = useCallback(
    (paint: Paint) => ({
      ...chartBase(paint),
      xAxis: { type: 'category', data: hours.map((one) => `${one.hour}`), ...axisLook(paint), splitLine: { show: false } },
      yAxis: { type: 'value', minInterval: 1, ...axisLook(paint) },
      series: [{ type: 'bar', name: t('counter.calls'), barMaxWidth: 18, data: hours.map((one) => one.calls), itemStyle: { color: paint.kinds[0] } }],
    }),
    [hours],
  );
  const calls = days.reduce((sum, one) => sum + one.calls, 0);
  return (
    <div className="grid-charts">
      <Chart
        title={t('counter.by_day')}
        note={t('counter.unit.times')}
        legend={
          <ul className="legend legend-head" aria-label={t('timeline.legend')}>
            <li>
              <i className="kind-0" aria-hidden="true" />
              {t('counter.calls')}
            </li>
            <li>
              <i className="kind-1" aria-hidden="true" />
              {t('counter.reminders')}
            </li>
          </ul>
        }
        summary={t('counter.by_day.summary', { n: days.length, calls: count(calls) })}
        height={200}
        option={byDay}
        data={{ head: [t('counter.day'), t('counter.calls'), t('counter.reminders'), t('counter.p99')], rows: days.map((one) => [one.day, one.calls, one.reminders, millis(one.p99_ms)]) }}
      />
      <Chart
        title={t('counter.by_hour')}
        note={t('counter.unit.calls')}
        summary={t('counter.by_hour.summary', { calls: count(calls) })}
        height={200}
        option={byHour}
        data={{ head: [t('counter.hour'), t('counter.calls')], rows: hours.map((one) => [one.hour, one.calls]) }}
      />
    </div>
  );
}

const INTERFACES: Record<string, Key> = { '3101': 'counter.interface.3101', '3102': 'counter.interface.3102' };

function interfaceTitle(code: string): string {
  const key = INTERFACES[code];
  return key ? t(key) : code;
}

/** 3101 before the order, 3102 before the settlement: what each was asked, how fast it answered, what came of it. */
function Interfaces({ rows }: { rows: CounterInterface[] }): ReactNode {
  if (rows.length === 0) return null;
  return (
    <Panel title={t('counter.interfaces')} className="list">
      <QueryTable
        label={t('counter.interfaces')}
        rows={rows}
        id={(row) => row.interface}
        columns={[
          { id: 'interface', title: t('counter.interface'), wide: true, cell: (row) => <TwoLines first={interfaceTitle(row.interface)} second={row.interface} /> },
          ...figureColumns<CounterInterface>((row) => row.figures),
        ]}
        empty={null}
      />
    </Panel>
  );
}

/** The same columns wherever calls are counted, so that an interface and a caller can be set side by side. */
function figureColumns<Row>(of: (row: Row) => CounterFigures, sorted = false): Column<Row>[] {
  const number = (id: string, title: Key, width: number, cell: (figures: CounterFigures) => string): Column<Row> => ({
    id,
    title: t(title),
    width,
    align: 'right',
    sort: sorted && ORDERS[id] ? id : undefined,
    cell: (row) => <span className="num">{cell(of(row))}</span>,
  });
  return [
    number('calls', 'counter.calls', 90, (figures) => count(figures.calls)),
    number('p99', 'counter.times', 152, (figures) => `${millis(figures.p50_ms)} / ${millis(figures.p99_ms)}`),
    number('late', 'counter.unanswered', 104, (figures) => count(figures.late + figures.unjudged)),
    number('reminders', 'counter.reminders', 90, (figures) => count(figures.reminders)),
    number('hit', 'counter.hits', 90, (figures) => share(figures.reminded, figures.calls)),
    {
      id: 'followed',
      title: t('counter.followed'),
      width: 236,
      align: 'right',
      sort: sorted ? 'followed' : undefined,
      cell: (row) => <PrecisionBar precision={of(row).followed} followed />,
    },
  ];
}

const ORDERS: Record<string, (figures: CounterFigures) => number> = {
  calls: (of) => of.calls,
  p99: (of) => of.p99_ms ?? 0,
  late: (of) => of.late + of.unjudged,
  reminders: (of) => of.reminders,
  followed: (of) => (of.followed.checked > 0 ? of.followed.upheld / of.followed.checked : -1),
};

function Callers({ rows }: { rows: CounterCaller[] }): ReactNode {
  const [sort, setSort] = useState('calls');
  const order = ORDERS[sort] ?? ((of: CounterFigures) => of.calls);
  return (
    <Panel title={t('counter.callers')} className="list">
      <QueryTable
        label={t('counter.callers')}
        rows={[...rows].sort((a, b) => order(b.figures) - order(a.figures))}
        id={(row) => `${row.institution} ${row.vendor}`}
        sort={sort}
        onSort={setSort}
        columns={[
          { id: 'institution', title: t('lead.institution'), wide: true, cell: (row) => <TwoLines first={row.institution_name || row.institution} second={row.institution} /> },
          { id: 'vendor', title: t('counter.vendor'), width: 130, cell: (row) => row.vendor || '—' },
          ...figureColumns<CounterCaller>((row) => row.figures, true),
        ]}
        empty={<Empty title={t('counter.none')} hint={t('counter.none.hint')} />}
      />
    </Panel>
  );
}

const STATES: Record<string, Key> = { definite: 'counter.state.definite', speaking: 'counter.state.speaking', silent: 'counter.state.silent' };

/** A rule that is no longer in the library has none. */
function stateOf(state: string): string {
  const key = STATES[state];
  return key ? t(key) : '—';
}

function Rules({ rows }: { rows: CounterRule[] }): ReactNode {
  return (
    <Panel title={t('counter.rules')} className="list">
      <QueryTable
        label={t('counter.rules')}
        rows={rows}
        id={(row) => row.id}
        columns={[
          { id: 'rule', title: t('lead.rule'), width: 240, cell: (row) => <TwoLines first={row.title || row.id} second={row.id} /> },
          { id: 'state', title: t('counter.state'), width: 120, cell: (row) => stateOf(row.state) },
          { id: 'reminders', title: t('counter.reminders'), width: 90, align: 'right', cell: (row) => <span className="num">{count(row.reminders)}</span> },
          { id: 'followed', title: t('counter.followed'), width: 170, align: 'right', cell: (row) => <PrecisionBar precision={row.followed} followed /> },
          { id: 'silent', title: t('counter.silent'), width: 150, align: 'right', cell: (row) => (row.dropped === undefined || row.state === 'definite' ? '—' : <span className="num">{t('counter.silent.of', { dropped: count(row.dropped), all: count(row.dropped + (row.kept ?? 0)) })}</span>) },
          { id: 'reasons', title: t('counter.reasons'), wide: true, cell: (row) => <span className="two-lines">{row.reasons.map((one) => `${one.reason} ${one.times}`).join('、') || '—'}</span> },
        ]}
        empty={<Empty title={t('counter.rules.none')} />}
      />
    </Panel>
  );
}

function TwoLines({ first, second }: { first: string; second: string }): ReactNode {
  return (
    <>
      <span className="ellipsis line1" title={first}>{first}</span>
      {second !== first ? <span className="ellipsis line2">{second}</span> : null}
    </>
  );
}

function interval(of: Precision): string {
  return of.checked > 0 ? t('counter.interval', { low: percent(of.low), high: percent(of.high) }) : t('counter.interval.none');
}

function share(part: number, of: number): string {
  return of > 0 ? percent(part / of) : '—';
}

function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)}%`;
}

function millis(value: number | undefined): string {
  return value === undefined ? '—' : value.toFixed(1);
}
