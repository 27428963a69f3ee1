/** 工作台: the five things to do today. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback, type ReactNode } from 'react';
import type { Me, Workbench } from '../../api/contract';
import { useWorkbench } from '../../api/queries';
import { may, useMe } from '../../api/me';
import { dayNumber, fromDayNumber } from '../../format/day';
import { count, share, wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { KpiStrip, type KpiOf } from '../../ui/figures';
import { leadColumns } from '../../ui/leads';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty, Failed, Skeleton } from '../../ui/states';
import { WeeksChart } from '../../ui/WeeksChart';
import { FinanceBench } from './FinanceBench';
import { MoneyPanel } from './MoneyPanel';
import { MonthsPanel } from './MonthsPanel';
import { OverduePanel } from './OverduePanel';
import { TopInstitutions } from './TopInstitutions';
import { useMoney } from './use-money';

/** By right: who books money sees the ledger, who approves sees the whole, everybody else their own day. */
export function WorkbenchPage(): ReactNode {
  return may(useMe(), 'leads.read') ? <LeadsBench /> : <FinanceBench />;
}

function LeadsBench(): ReactNode {
  const me = useMe();
  const heads = may(me, 'leads.approve');
  const money = useMoney(undefined, heads);
  const navigate = useNavigate();
  const query = useWorkbench();
  const data = query.data;
  const pickWeek = useCallback(
    (monday: string) => {
      if (monday) void navigate({ to: '/leads', search: { from: monday, to: fromDayNumber(dayNumber(monday) + 6) } });
    },
    [navigate],
  );
  const toDue = (due: number) => void navigate({ to: '/leads', search: { due, sort: 'due' } });
  return (
    <>
      <PageHead title={t('home.hello', { name: me?.name ?? '' })} />
      {query.error && !data ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <Skeleton rows={10} /> : null}
      {data ? (
        <>
          <KpiStrip label={t('home.strip')} items={strip(me, data, heads)} />
          <div className="grid-main">
            {heads ? (
              <div>
                <div className="grid-2">
                  {money.data ? <MoneyPanel sums={money.data.sums} recovered={data.strip.recovered_fen} yearly target={data.strip.target_fen} /> : money.error ? <Failed error={money.error} retry={() => void money.refetch()} /> : <Skeleton rows={5} />}
                  <TopInstitutions />
                </div>
                {may(me, 'recoveries.read') ? <MonthsPanel /> : null}
                <OverduePanel />
              </div>
            ) : (
              <Panel title={t('home.first')} note={t('home.first.note')} className="list">
                <QueryTable
                  label={t('home.first')}
                  rows={data.first}
                  id={(lead) => lead.id}
                  columns={leadColumns('score', 'reason', 'expected', 'due')}
                  onGo={(lead) => void navigate({ to: '/leads/$id', params: { id: lead.id } })}
                  empty={<Empty title={t('home.first.empty')} hint={data.next_due ? t('home.next_due', { day: data.next_due }) : undefined} />}
                />
              </Panel>
            )}
            <div>
              <Panel title={t('home.ladder')} note={t('home.ladder.note')}>
                <Bars
                  label={t('home.ladder')}
                  bars={[
                    { key: 'overdue', title: t('ladder.overdue'), value: data.ladder.overdue, text: count(data.ladder.overdue), tone: 'red', onPick: () => toDue(-1) },
                    { key: 'today', title: t('ladder.today'), value: data.ladder.today, text: count(data.ladder.today), tone: 'amber', onPick: () => toDue(0) },
                    { key: 'd1_3', title: t('ladder.d1_3'), value: data.ladder.d1_3, text: count(data.ladder.d1_3), tone: 'amber', onPick: () => toDue(3) },
                    { key: 'd4_7', title: t('ladder.d4_7'), value: data.ladder.d4_7, text: count(data.ladder.d4_7), onPick: () => toDue(7) },
                    { key: 'later', title: t('ladder.later'), value: data.ladder.later, text: count(data.ladder.later) },
                  ]}
                />
              </Panel>
              {data.load.length > 0 ? (
                <Panel title={t('home.load')} note={t('home.load.note')}>
                  <table className="plain">
                    <thead>
                      <tr>
                        <th scope="col">{t('load.name')}</th>
                        <th scope="col" className="right">{t('load.in_hand')}</th>
                        <th scope="col" className="right">{t('load.age')}</th>
                        <th scope="col" className="right">{t('load.overdue')}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {data.load.map((one) => (
                        <tr key={one.account}>
                          <td>{one.name}</td>
                          <td className="right num">{one.in_hand}</td>
                          <td className="right num">{one.median_age_days}</td>
                          <td className={`right num ${one.overdue > 0 ? 'due-over' : ''}`}>{one.overdue}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </Panel>
              ) : null}
            </div>
          </div>
          {data.weeks.length > 0 ? <WeeksChart weeks={data.weeks} height={190} onPick={pickWeek} /> : null}
        </>
      ) : null}
    </>
  );
}

/** Numbers of work one has no part in are left out; each of the others opens its rows. */
function strip(me: Me | undefined, data: Workbench, heads: boolean): KpiOf[] {
  const { ladder, strip: of } = data;
  const items: KpiOf[] = [];
  if (heads) items.push({ title: t('home.overdue_title'), value: count(ladder.overdue), unit: t('unit.leads'), tone: ladder.overdue > 0 ? 'red' : undefined, href: { to: '/leads', search: { due: -1, sort: 'due' } } });
  else items.push({ title: t('home.todo'), value: count(of.todo), unit: t('unit.leads'), href: { to: '/leads', search: { mine: 1 } } });
  items.push({
    title: t('home.due3'),
    value: count(of.due3),
    unit: t('unit.leads'),
    tone: of.due3 > 0 ? 'amber' : undefined,
    note: ladder.overdue > 0 ? <span className="due-over">{t('home.overdue', { n: ladder.overdue })}</span> : t('home.no_overdue'),
    href: { to: '/leads', search: { due: 3, sort: 'due' } },
  });
  if (heads || may(me, 'leads.check') || may(me, 'leads.assign')) items.push({ title: t('home.new'), value: count(of.new_leads), unit: t('unit.leads'), href: { to: '/leads', search: { status: 'new' } } });
  const reviews = may(me, 'leads.review') || may(me, 'leads.decide') || may(me, 'leads.legal');
  if (heads || reviews || may(me, 'leads.check')) {
    items.push({ title: t('home.replied'), value: count(of.replied), unit: t('unit.leads'), href: reviews ? { to: '/reviews', search: {} } : { to: '/leads', search: { status: 'answered' } } });
  }
  // A legal reviewer sees the money of single leads, of which the region's year says nothing.
  if (may(me, 'recoveries.read') && !(may(me, 'leads.legal') && !may(me, 'leads.decide'))) {
    items.push({
      title: t('home.recovered'),
      value: wan(of.recovered_fen),
      unit: t('unit.wan'),
      note: of.target_fen ? t('home.target', { target: wan(of.target_fen), share: share(of.recovered_fen, of.target_fen) }) : undefined,
      href: { to: '/recoveries', search: {} },
    });
  }
  return items;
}
