/** 操作日志: who did what, when, to which thing, and whether the chain is whole. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Button, Checkbox, Input, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import type { AuditRow } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { count } from '../../format/money';
import { t, word, words } from '../../texts';
import { ExportButton } from '../../ui/ExportButton';
import { FilterRow } from '../../ui/FilterRow';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { PlainTag } from '../../ui/tags';

const route = getRouteApi('/audit');

export function AuditPage(): ReactNode {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({
    queryKey: ['audit', search],
    queryFn: ({ signal }) => read('/audit', { query: search, signal }),
    placeholderData: keepPreviousData,
  });
  const [open, setOpen] = useState<string>();
  const put = (part: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, after: undefined, ...part }) });
  return (
    <>
      <PageHead title={t('menu.audit')}>
        {may(me, 'audit.verify') ? <Integrity /> : null}
        {may(me, 'audit.export') ? <ExportButton kind="audit" query={search} effect={t('audit.export')} /> : null}
      </PageHead>
      <Panel className="list">
        <FilterRow active={[search.account, search.act, search.object, search.looks].filter(Boolean).length}>
          <Field label={t('audit.account')} value={search.account} onChange={(account) => put({ account })} />
          <Select
            className="filter-field"
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
            popupMatchSelectWidth={260}
            aria-label={t('audit.act')}
            placeholder={t('audit.act')}
            value={search.act}
            options={words('event.').map(([act, title]) => ({ value: act, label: title, title: act }))}
            onChange={(act?: string) => put({ act })}
          />
          <Field label={t('audit.object')} value={search.object} onChange={(object) => put({ object })} />
          <Checkbox checked={search.looks === 1} onChange={(event) => put({ looks: event.target.checked ? 1 : undefined })}>
            {t('audit.looks')}
          </Checkbox>
          {search.account || search.act || search.object || search.looks ? (
            <Button type="link" onClick={() => void navigate({ search: {} })}>
              {t('filter.clear')}
            </Button>
          ) : null}
        </FilterRow>
        <QueryTable
          label={t('menu.audit')}
          rows={query.data?.items}
          id={(row) => String(row.seq)}
          columns={[
            { id: 'at', title: t('audit.at'), width: 150, cell: (row) => <span className="num">{row.at}</span> },
            { id: 'account', title: t('audit.account'), width: 130, cell: (row) => <button type="button" className="link" onClick={() => put({ account: row.account })}>{row.account}</button> },
            { id: 'role', title: t('audit.role'), width: 110, cell: (row) => word(`role.${row.role}`, row.role || '—') },
            { id: 'act', title: t('audit.act'), width: 140, cell: (row) => word(`event.${row.act}`, row.act) },
            {
              id: 'object',
              title: t('audit.object'),
              wide: true,
              cell: (row) => (
                <span className="ellipsis" title={row.object}>
                  {word(`object.${row.object_kind}`, row.object_kind)}{' '}
                  {row.object ? (
                    <button type="button" className="link" title={t('audit.who_saw')} onClick={() => put({ object: row.object })}>
                      <code>{row.object}</code>
                    </button>
                  ) : null}
                </span>
              ),
            },
            { id: 'reason', title: t('audit.reason'), width: 180, cell: (row) => <span className="two-lines">{row.reason ?? '—'}</span> },
            { id: 'origin', title: t('audit.origin'), width: 116, cell: (row) => <span className="num">{row.origin}</span> },
          ]}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          open={open}
          onOpen={setOpen}
          detail={(row) => <Detail row={row} />}
          empty={<Empty title={t('leads.none')} />}
          paging={{ next: query.data?.next, first: search.after === undefined, go: (after) => void navigate({ search: (old) => ({ ...old, after }) }) }}
        />
      </Panel>
    </>
  );
}

function Field({ label, value, onChange }: { label: string; value: string | undefined; onChange: (next: string | undefined) => void }): ReactNode {
  const [typed, setTyped] = useState(value ?? '');
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setTyped(value ?? '');
  }
  return (
    <Input.Search className="filter-field" allowClear aria-label={label} placeholder={label} value={typed} onChange={(event) => setTyped(event.target.value)} onSearch={(next) => onChange(next.trim() || undefined)} />
  );
}

/** 链完整, 今日锚点: or where it breaks. */
function Integrity(): ReactNode {
  const query = useQuery({ queryKey: ['audit-state'], queryFn: ({ signal }) => read('/audit/state', { signal }) });
  const state = query.data;
  if (!state) return null;
  return (
    <span className="inline" role="status">
      <PlainTag kind={state.intact ? 'cleared' : 'violation'}>{state.intact ? t('audit.intact') : t('audit.broken', { where: state.broken ?? '' })}</PlainTag>
      <span className="faint">
        {state.anchor
          ? t('audit.anchor', { n: count(state.events), day: state.anchor.day, hash: state.anchor.hash.slice(0, 12) })
          : t('audit.no_anchor', { n: count(state.events) })}
      </span>
      <Button size="small" loading={query.isFetching} onClick={() => void query.refetch()}>
        {t('audit.verify')}
      </Button>
    </span>
  );
}

function Detail({ row }: { row: AuditRow }): ReactNode {
  return (
    <div className="entries">
      <pre className="logic" tabIndex={0}>{JSON.stringify(row.detail, null, 2)}</pre>
      <p className="faint break">{t('audit.hash', { seq: row.seq, hash: row.hash })}</p>
    </div>
  );
}
