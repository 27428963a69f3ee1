/** One knowledge table: search any cell, pages of rows. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import { count } from '../../format/money';
import { t, word } from '../../texts';
import { PageHead, Panel } from '../../ui/PageHead';
import { Empty, Failed, Skeleton } from '../../ui/states';

const route = getRouteApi('/knowledge/$table');

export function TablePage(): ReactNode {
  const { table } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(search.q ?? '');
  const tables = useQuery({ queryKey: ['knowledge'], queryFn: ({ signal }) => read('/knowledge', { signal }) });
  const query = useQuery({
    queryKey: ['knowledge', table, search],
    queryFn: ({ signal }) => read('/knowledge/{table}', { path: { table }, query: search, signal }),
    placeholderData: keepPreviousData,
  });
  const head = tables.data?.items.find((one) => one.table === table);
  const data = query.data;
  return (
    <>
      <PageHead
        title={head?.title ?? table}
        note={head?.origin}
        before={
          <Link to="/knowledge" className="back">
            {t('menu.knowledge')}
          </Link>
        }
      />
      <Panel className="list">
        <div className="filters">
          <Input.Search
            className="filter-words"
            allowClear
            aria-label={t('knowledge.search')}
            placeholder={t('knowledge.search')}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onSearch={(q) => void navigate({ search: { q: q.trim() || undefined } })}
          />
          {head ? <span className="faint">{t('knowledge.used', { rules: head.rules.join(' ') })}</span> : null}
          <span className="filter-total" aria-live="polite">{data ? t('table.total', { n: count(data.total) }) : null}</span>
        </div>
        {data && data.revisions.length > 0 ? (
          <div className="filters">
            <details className="point">
              <summary>{t('knowledge.revisions', { n: data.revisions.length, day: data.revisions[0]?.day ?? '' })}</summary>
              <ul className="bullets">
                {data.revisions.map((one) => (
                  <li key={one.day}>{t('knowledge.revision', { day: one.day, begun: count(one.begun), ended: count(one.ended) })}</li>
                ))}
              </ul>
            </details>
          </div>
        ) : null}
        {query.error && !data ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
        {query.isPending ? <Skeleton rows={10} /> : null}
        {data && data.items.length === 0 ? <Empty title={t('leads.none')} hint={t('knowledge.none.hint')} /> : null}
        {data && data.items.length > 0 ? (
          <div className="scroll-x" tabIndex={0} role="region" aria-label={head?.title ?? table}>
            <table className="plain wide-table">
              <thead>
                <tr>
                  {data.columns.map((column) => (
                    <th key={column} scope="col" title={column}>
                      {word(`column.${column}`, column)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {data.items.map((row, i) => (
                  <tr key={i}>
                    {row.map((cell, at) => (
                      <td key={at} title={cell.length > 30 ? cell : undefined}>
                        <span className="cell">{cell}</span>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
        {data ? (
          <nav className="pager" aria-label={t('table.pages')}>
            <Button size="small" disabled={!search.after} onClick={() => void navigate({ search: { q: search.q } })}>
              {t('table.first')}
            </Button>
            <Button size="small" disabled={!data.next} onClick={() => void navigate({ search: { q: search.q, after: data.next } })}>
              {t('table.next')}
            </Button>
          </nav>
        ) : null}
      </Panel>
    </>
  );
}
