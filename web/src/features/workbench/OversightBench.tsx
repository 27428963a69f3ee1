/** 纪检审计's first page: is the trail whole, is anything late, does the money close, are decisions even-handed? */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { useMe } from '../../api/me';
import { useLeads, useSummary } from '../../api/queries';
import { count, share, wan } from '../../format/money';
import { t } from '../../texts';
import { KpiStrip } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { Empty } from '../../ui/states';
import { MoneyPanel } from './MoneyPanel';
import { MonthsPanel } from './MonthsPanel';
import { OVERDUE, OverduePanel } from './OverduePanel';
import { useMoney } from './use-money';

export function OversightBench(): ReactNode {
  const me = useMe();
  const trail = useQuery({ queryKey: ['audit-state'], queryFn: ({ signal }) => read('/audit/state', { signal }) });
  const late = useLeads(OVERDUE);
  const sums = useMoney().data?.sums;
  const state = trail.data;
  return (
    <>
      <PageHead title={t('home.hello', { name: me?.name ?? '' })} />
      <KpiStrip
        label={t('home.strip')}
        items={[
          {
            title: t('home.log'),
            value: state ? count(state.events) : '—',
            unit: t('home.log.unit'),
            tone: state && !state.intact ? 'red' : undefined,
            note: state ? (state.intact ? (state.anchor ? t('home.log.anchor', { day: state.anchor.day }) : t('home.log.whole')) : t('audit.broken', { where: state.broken ?? '' })) : undefined,
            href: { to: '/audit', search: {} },
          },
          { title: t('home.overdue_cases'), value: late.data ? count(late.data.total) : '—', unit: t('unit.leads'), tone: late.data && late.data.total > 0 ? 'red' : undefined, href: { to: '/leads', search: { due: -1, sort: 'due' } } },
          { title: t('home.due_sum'), value: sums ? wan(sums.due_fen) : '—', unit: t('unit.wan'), href: { to: '/recoveries', search: {} } },
          {
            title: t('home.open_sum'),
            value: sums ? wan(sums.open_fen) : '—',
            unit: t('unit.wan'),
            note: sums ? t('home.of_due', { share: share(sums.open_fen, sums.due_fen) }) : undefined,
            href: { to: '/recoveries', search: { state: 'due' } },
          },
        ]}
      />
      <div className="grid-main">
        <div>
          <MonthsPanel />
          <OverduePanel />
          <Outcomes />
        </div>
        <div>{sums ? <MoneyPanel sums={sums} recovered={sums.offset_fen + sums.paid_fen} /> : null}</div>
      </div>
    </>
  );
}

/** An institution whose leads are cleared far more often than others' is a question, not an answer. */
function Outcomes(): ReactNode {
  const summary = useSummary('institution');
  const items = (summary.data?.items ?? []).filter((one) => one.upheld + one.cleared > 0).sort((a, b) => b.cleared / (b.upheld + b.cleared) - a.cleared / (a.upheld + a.cleared));
  return (
    <Panel title={t('home.outcomes')} note={t('home.outcomes.note')}>
      {items.length === 0 ? (
        <Empty title={t('home.outcomes.none')} />
      ) : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label={t('home.outcomes')}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('lead.institution')}</th>
                <th scope="col" className="right">{t('home.found')}</th>
                <th scope="col" className="right">{t('home.upheld')}</th>
                <th scope="col" className="right">{t('home.cleared')}</th>
                <th scope="col" className="right">{t('home.cleared_share')}</th>
              </tr>
            </thead>
            <tbody>
              {items.slice(0, 12).map((one) => (
                <tr key={one.key}>
                  <td>
                    <Link to="/leads" search={{ institution: one.key }}>{one.title}</Link>
                  </td>
                  <td className="right num">{count(one.leads)}</td>
                  <td className="right num">{count(one.upheld)}</td>
                  <td className="right num">{count(one.cleared)}</td>
                  <td className="right num">{share(one.cleared, one.upheld + one.cleared)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
