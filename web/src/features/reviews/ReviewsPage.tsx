/** 复审与合议: the inbox by step, with its clock. */
import { getRouteApi } from '@tanstack/react-router';
import { Segmented } from 'antd';
import type { ReactNode } from 'react';
import { useLeads } from '../../api/queries';
import { t, type Key } from '../../texts';
import { leadColumns } from '../../ui/leads';
import { KeyHint, PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';

const route = getRouteApi('/reviews');

/** Steps of the formal road as one works them off; several statuses wait for the same desk. */
const STAGES: Record<string, string> = {
  all: 'answered,review,appeal2,panel,final',
  review: 'answered,review',
  panel: 'appeal2,panel',
  final: 'final',
};

export function ReviewsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const stage = search.stage && STAGES[search.stage] ? search.stage : 'all';
  const leads = useLeads({ status: STAGES[stage], sort: 'due', after: search.after, limit: 50 });
  return (
    <>
      <PageHead title={t('menu.reviews')}>
        <KeyHint keys={['J', 'K']}>{t('hint.move')}</KeyHint>
        <KeyHint keys={['Enter']}>{t('hint.open')}</KeyHint>
      </PageHead>
      <Panel className="list">
        <div className="filters">
          <Segmented
            aria-label={t('reviews.stage')}
            value={stage}
            options={Object.keys(STAGES).map((one) => ({ value: one, label: t(`reviews.stage.${one}` as Key) }))}
            onChange={(next) => void navigate({ search: { stage: next === 'all' ? undefined : next } })}
          />
          <span className="filter-total" aria-live="polite">{leads.data ? t('table.total', { n: leads.data.total }) : null}</span>
        </div>
        <QueryTable
          label={t('menu.reviews')}
          rows={leads.data?.items}
          id={(lead) => lead.id}
          columns={leadColumns('result', 'rule', 'institution', 'subject', 'amount', 'status', 'due', 'holder')}
          fetching={leads.isFetching}
          error={leads.error}
          retry={() => void leads.refetch()}
          onGo={(lead) => void navigate({ to: '/reviews/$id', params: { id: lead.id } })}
          empty={<Empty title={t('reviews.none')} hint={t('reviews.none.hint')} />}
          paging={{
            total: leads.data?.total,
            next: leads.data?.next,
            prev: leads.data?.prev,
            first: search.after === undefined,
            go: (after) => void navigate({ search: (old) => ({ ...old, after }) }),
          }}
        />
      </Panel>
    </>
  );
}
