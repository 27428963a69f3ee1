/** 知识库: the tables rules rest on, with their source. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { count } from '../../format/money';
import { t } from '../../texts';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';

export function KnowledgePage(): ReactNode {
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ['knowledge'], queryFn: ({ signal }) => read('/knowledge', { signal }) });
  return (
    <>
      <PageHead title={t('menu.knowledge')} note={query.data ? t('knowledge.note', { n: query.data.items.length }) : undefined} />
      <Panel className="list">
        <QueryTable
          label={t('menu.knowledge')}
          rows={query.data?.items}
          id={(row) => row.table}
          columns={[
            {
              id: 'title',
              title: t('knowledge.table'),
              width: 260,
              cell: (row) => (
                <>
                  <span className="line1 ellipsis" title={row.title}>{row.title}</span>
                  <code className="line2">{row.table}</code>
                </>
              ),
            },
            { id: 'origin', title: t('knowledge.origin'), wide: true, cell: (row) => <span className="two-lines" title={row.origin}>{row.origin}</span> },
            { id: 'rules', title: t('knowledge.rules'), width: 180, cell: (row) => <code className="ellipsis" title={row.rules.join(' ')}>{row.rules.join(' ')}</code> },
            { id: 'points', title: t('knowledge.count'), width: 100, align: 'right', cell: (row) => <span className="num">{count(row.points)}</span> },
          ]}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          onGo={(row) => void navigate({ to: '/knowledge/$table', params: { table: row.table }, search: {} })}
          empty={<Empty title={t('knowledge.none')} />}
        />
      </Panel>
    </>
  );
}
