/** 待办 of an institution: what must be answered, by limit. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMe } from '../../api/me';
import { useLeads } from '../../api/queries';
import { count, wan, yuan } from '../../format/money';
import { t } from '../../texts';
import { KpiStrip } from '../../ui/figures';
import { leadColumns } from '../../ui/leads';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { useOwn } from './use-own';

export function TodoPage(): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  const own = useOwn();
  const leads = useLeads({ status: 'sent,appeal', sort: 'due', limit: 50 });
  const data = own.data;
  return (
    <>
      <PageHead title={t('portal.todo')} note={me?.institution?.name} />
      {data ? (
        <KpiStrip
          label={t('home.strip')}
          items={[
            { title: t('portal.open'), value: count(data.open), unit: t('unit.leads'), note: t('portal.open_fen', { amount: yuan(data.open_fen) }) },
            {
              title: t('home.due3'),
              value: count(data.due3),
              unit: t('unit.leads'),
              tone: data.due3 > 0 ? 'amber' : undefined,
              note: data.overdue > 0 ? <span className="due-over">{t('home.overdue', { n: data.overdue })}</span> : t('home.no_overdue'),
            },
            { title: t('portal.accepted'), value: wan(data.accepted_fen), unit: t('unit.wan'), note: t('portal.accepted_n', { n: data.accepted }) },
            { title: t('portal.withdrawn'), value: wan(data.withdrawn_fen), unit: t('unit.wan') },
            { title: t('portal.refunded'), value: wan(data.refunded_fen), unit: t('unit.wan'), note: t('portal.refund_due', { amount: wan(data.refund_due_fen) }), href: { to: '/recoveries', search: {} } },
          ]}
        />
      ) : null}
      <Panel title={t('portal.answer')} note={t('portal.answer.note')}>
        <QueryTable
          label={t('portal.answer')}
          rows={leads.data?.items}
          id={(lead) => lead.id}
          columns={leadColumns('due', 'rule', 'subject', 'day', 'amount', 'status')}
          fetching={leads.isFetching}
          error={leads.error}
          retry={() => void leads.refetch()}
          onGo={(lead) => void navigate({ to: '/answers/$id', params: { id: lead.id } })}
          empty={<Empty title={t('portal.none')} hint={t('portal.none.hint')} />}
        />
      </Panel>
      <p className="faint pad">{t('portal.silence')}</p>
    </>
  );
}
