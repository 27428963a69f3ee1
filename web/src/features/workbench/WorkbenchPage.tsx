/** 工作台: the five things to do today. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback, type ReactNode } from 'react';
import { useWorkbench } from '../../api/queries';
import { useMe } from '../../api/me';
import { dayNumber, fromDayNumber } from '../../format/day';
import { count, share, wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { KpiStrip } from '../../ui/figures';
import { leadColumns } from '../../ui/leads';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty, Failed, Skeleton } from '../../ui/states';
import { WeeksChart } from '../../ui/WeeksChart';

export function WorkbenchPage(): ReactNode {
  const me = useMe();
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
          <KpiStrip
            label={t('home.strip')}
            items={[
              { title: t('home.todo'), value: count(data.strip.todo), unit: t('unit.leads'), href: { to: '/leads', search: { mine: 1 } } },
              {
                title: t('home.due3'),
                value: count(data.strip.due3),
                unit: t('unit.leads'),
                tone: data.strip.due3 > 0 ? 'amber' : undefined,
                note: data.ladder.overdue > 0 ? <span className="due-over">{t('home.overdue', { n: data.ladder.overdue })}</span> : t('home.no_overdue'),
                href: { to: '/leads', search: { due: 3, sort: 'due' } },
              },
              { title: t('home.new'), value: count(data.strip.new_leads), unit: t('unit.leads'), href: { to: '/leads', search: { status: 'new' } } },
              { title: t('home.replied'), value: count(data.strip.replied), unit: t('unit.leads'), href: { to: '/reviews', search: {} } },
              {
                title: t('home.recovered'),
                value: wan(data.strip.recovered_fen),
                unit: t('unit.wan'),
                note: data.strip.target_fen
                  ? t('home.target', { target: wan(data.strip.target_fen), share: share(data.strip.recovered_fen, data.strip.target_fen) })
                  : undefined,
                href: { to: '/recoveries', search: {} },
              },
            ]}
          />
          <div className="grid-main">
            <Panel title={t('home.first')} note={t('home.first.note')}>
              <QueryTable
                label={t('home.first')}
                rows={data.first}
                id={(lead) => lead.id}
                columns={leadColumns('score', 'reason', 'expected', 'due')}
                onGo={(lead) => void navigate({ to: '/leads/$id', params: { id: lead.id } })}
                empty={<Empty title={t('home.first.empty')} hint={data.next_due ? t('home.next_due', { day: data.next_due }) : undefined} />}
              />
            </Panel>
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
          <WeeksChart weeks={data.weeks} height={190} onPick={pickWeek} />
        </>
      ) : null}
    </>
  );
}
