/** 财务's first page: the money that is due, by what is latest. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Recovery } from '../../api/contract';
import { useMe } from '../../api/me';
import { day } from '../../format/day';
import { share, wan } from '../../format/money';
import { t } from '../../texts';
import { KpiStrip, Money } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { stateTitle } from '../../ui/recovery';
import { Empty, Failed, Skeleton } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { MonthsPanel } from './MonthsPanel';
import { useMoney } from './use-money';

export function FinanceBench(): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  const all = useMoney();
  const [overdue, due, part] = [useMoney('overdue'), useMoney('due'), useMoney('part')];
  const open = [...(overdue.data?.items ?? []), ...(part.data?.items ?? []), ...(due.data?.items ?? [])];
  const rows = overdue.data && due.data && part.data ? [...new Map(open.map((row) => [row.id, row])).values()].sort(byDay).slice(0, 20) : undefined;
  const sums = all.data?.sums;
  return (
    <>
      <PageHead title={t('home.hello', { name: me?.name ?? '' })} />
      {all.error && !sums ? <Failed error={all.error} retry={() => void all.refetch()} /> : null}
      {sums ? (
        <KpiStrip
          label={t('home.strip')}
          items={[
            { title: t('recovery.due_sum'), value: wan(sums.due_fen), unit: t('unit.wan'), href: { to: '/recoveries', search: {} } },
            { title: t('recovery.refused_sum'), value: wan(sums.refused_fen), unit: t('unit.wan'), note: t('recovery.before_payment') },
            { title: t('recovery.recovered_sum'), value: wan(sums.offset_fen + sums.paid_fen), unit: t('unit.wan'), note: t('recovery.recovered_split', { offset: wan(sums.offset_fen), paid: wan(sums.paid_fen) }), href: { to: '/recoveries', search: { state: 'closed' } } },
            { title: t('recovery.open_sum'), value: wan(sums.open_fen), unit: t('unit.wan'), note: t('recovery.share', { share: share(sums.open_fen, sums.due_fen) }), href: { to: '/recoveries', search: { state: 'due' } } },
            { title: t('recovery.overdue_sum'), value: wan(sums.overdue_fen), unit: t('unit.wan'), tone: sums.overdue_fen > 0 ? 'red' : undefined, href: { to: '/recoveries', search: { state: 'overdue' } } },
          ]}
        />
      ) : (
        <Skeleton rows={3} />
      )}
      <MonthsPanel />
      <Panel title={t('home.claims')} note={t('home.claims.note')} className="list">
        <QueryTable
          label={t('home.claims')}
          rows={rows}
          id={(row) => row.id}
          columns={[
            { id: 'number', title: t('recovery.number'), width: 150, cell: (row) => <code>{row.number}</code> },
            { id: 'institution', title: t('lead.institution'), wide: true, cell: (row) => <span className="line1 ellipsis" title={row.institution.name}>{row.institution.name}</span> },
            { id: 'road', title: t('recovery.road'), width: 100, cell: (row) => t(`road.${row.road}`) },
            { id: 'state', title: t('recovery.state'), width: 100, cell: (row) => <PlainTag kind={row.state === 'overdue' ? 'violation' : row.state === 'part' ? 'watch' : 'grey'}>{t(stateTitle(row))}</PlainTag> },
            { id: 'due', title: t('recovery.due_fen'), width: 130, align: 'right', cell: (row) => <Money fen={row.due_fen} /> },
            { id: 'open', title: t('entry.open'), width: 130, align: 'right', cell: (row) => <Money fen={row.open_fen} strong /> },
            { id: 'day', title: t('recovery.due_day'), width: 110, cell: (row) => <span className={`num ${row.state === 'overdue' ? 'due-over' : ''}`}>{day(row.due_day)}</span> },
          ]}
          error={due.error ?? overdue.error ?? part.error}
          retry={() => void due.refetch()}
          onGo={(row) => void navigate({ to: '/recoveries', search: { state: row.state, open: row.id } })}
          empty={<Empty title={t('home.claims.none')} />}
        />
      </Panel>
    </>
  );
}

function byDay(a: Recovery, b: Recovery): number {
  return (a.due_day ?? '9').localeCompare(b.due_day ?? '9');
}
