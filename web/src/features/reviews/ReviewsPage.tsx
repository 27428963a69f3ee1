/** 复审与合议: the inbox by step, with its clock. */
import { getRouteApi } from '@tanstack/react-router';
import { Button, Segmented, Select } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { may, useMe } from '../../api/me';
import { useLeads, useSummary } from '../../api/queries';
import { reviewSearch, type ReviewSearch } from '../../router';
import { t, type Key } from '../../texts';
import { FilterRow } from '../../ui/FilterRow';
import { leadColumns } from '../../ui/leads';
import { holdList } from '../../ui/neighbours';
import { KeyHint, PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { Views } from '../../ui/Views';

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
  const me = useMe();
  const leads = useLeads({ status: STAGES[stage], institution: search.institution, mine: search.mine, sort: 'due', after: search.after, limit: 50 });
  const institutions = useSummary('institution', may(me, 'summary.read'));
  const options = (institutions.data?.items ?? []).map((one) => ({ value: one.key, label: one.title }));
  const put = (part: Partial<ReviewSearch>) => void navigate({ search: (old) => ({ ...old, after: undefined, ...part }) });
  const filtered = search.institution !== undefined || search.mine === 1;
  const items = leads.data?.items;
  useEffect(() => {
    if (items) holdList(items.map((lead) => lead.id));
  }, [items]);
  return (
    <>
      <PageHead title={t('menu.reviews')}>
        <KeyHint keys={['J', 'K']}>{t('hint.move')}</KeyHint>
        <KeyHint keys={['Enter']}>{t('hint.open')}</KeyHint>
        <Views page="reviews" search={search} parse={reviewSearch} onPick={(view) => void navigate({ search: view })} />
      </PageHead>
      <Panel className="list">
        <FilterRow active={[search.institution, search.mine].filter(Boolean).length} total={leads.data ? t('table.total', { n: leads.data.total }) : null}>
          <Segmented
            className="filter-keep"
            aria-label={t('reviews.stage')}
            value={stage}
            options={Object.keys(STAGES).map((one) => ({ value: one, label: t(`reviews.stage.${one}` as Key) }))}
            onChange={(next) => put({ stage: next === 'all' ? undefined : next })}
          />
          {options.length > 0 ? (
            <Select
              className="filter-rule"
              showSearch={{ optionFilterProp: 'label' }}
              allowClear
              popupMatchSelectWidth={280}
              aria-label={t('lead.institution')}
              placeholder={t('lead.institution')}
              value={search.institution}
              options={options}
              onChange={(institution?: string) => put({ institution })}
            />
          ) : null}
          <Button className="toggle" aria-pressed={search.mine === 1} onClick={() => put({ mine: search.mine ? undefined : 1 })}>
            {t('filter.mine')}
          </Button>
        </FilterRow>
        <QueryTable
          label={t('menu.reviews')}
          rows={items}
          id={(lead) => lead.id}
          columns={leadColumns('result', 'rule', 'institution', 'subject', 'amount', 'status', 'due', 'holder')}
          fetching={leads.isFetching}
          error={leads.error}
          retry={() => void leads.refetch()}
          onGo={(lead) => void navigate({ to: '/reviews/$id', params: { id: lead.id } })}
          empty={
            filtered ? (
              <Empty
                title={t('reviews.none_match')}
                hint={t('reviews.filter_hint')}
                action={<Button onClick={() => put({ institution: undefined, mine: undefined })}>{t('filter.clear')}</Button>}
              />
            ) : (
              <Empty title={t('reviews.none')} hint={t('reviews.none.hint')} />
            )
          }
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
