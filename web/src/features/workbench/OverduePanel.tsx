/** 超期线索: what should have been done by now, the longest first, and who holds it. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLeads } from '../../api/queries';
import { t } from '../../texts';
import { leadColumns } from '../../ui/leads';
import { Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';

export const OVERDUE = { due: -1, sort: 'due', limit: 10 } as const;

export function OverduePanel(): ReactNode {
  const navigate = useNavigate();
  const leads = useLeads(OVERDUE);
  return (
    <Panel title={t('home.overdue_cases')} note={t('home.overdue_cases.note')} className="list">
      <QueryTable
        label={t('home.overdue_cases')}
        rows={leads.data?.items}
        id={(lead) => lead.id}
        columns={leadColumns('reason', 'status', 'due', 'holder')}
        error={leads.error}
        retry={() => void leads.refetch()}
        onGo={(lead) => void navigate({ to: '/leads/$id', params: { id: lead.id } })}
        empty={<Empty title={t('home.overdue_cases.none')} />}
      />
    </Panel>
  );
}
