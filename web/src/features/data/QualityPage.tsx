/** 数据质量: nothing is judged on bad data; what fails, where, and what cannot be judged because of it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import type { QualityRow } from '../../api/contract';
import { count } from '../../format/money';
import { t } from '../../texts';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import './data.css';

export function QualityPage(): ReactNode {
  const query = useQuery({ queryKey: ['quality'], queryFn: ({ signal }) => read('/quality', { signal }) });
  const items = query.data?.items;
  return (
    <>
      <PageHead title={t('menu.quality')} />
      {items && items.length > 0 ? <Heat items={items} /> : null}
      <Panel title={t('quality.list')} className="list">
        <QueryTable
          label={t('quality.list')}
          rows={items ? [...items].sort((a, b) => b.share - a.share) : undefined}
          id={(row) => `${row.institution}-${row.check}`}
          columns={[
            { id: 'institution', title: t('lead.institution'), width: 220, cell: (row) => <span className="ellipsis" title={row.institution_name}>{row.institution_name || row.institution}</span> },
            { id: 'check', title: t('quality.check'), width: 240, cell: (row) => row.title },
            { id: 'failed', title: t('quality.failed'), width: 130, align: 'right', cell: (row) => <span className="num">{t('quality.of', { failed: count(row.failed), rows: count(row.rows) })}</span> },
            { id: 'share', title: t('quality.share'), width: 80, align: 'right', cell: (row) => <span className={`num ${row.share >= 0.05 ? 'due-soon' : ''}`}>{percent(row.share)}</span> },
            { id: 'consequence', title: t('quality.consequence'), wide: true, cell: (row) => <span className="two-lines">{row.consequence || '—'}</span> },
          ]}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          empty={<Empty title={t('quality.none')} hint={t('quality.none.hint')} />}
        />
      </Panel>
    </>
  );
}

function percent(share: number): string {
  if (share > 0 && share < 0.0001) return '<0.01%';
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)}%`;
}

/** Institution × check: darker is worse; the number stands in the cell, so nothing rests on colour alone. */
function Heat({ items }: { items: QualityRow[] }): ReactNode {
  const checks = [...new Map(items.map((row) => [row.check, row.title]))];
  const institutions = [...new Map(items.map((row) => [row.institution, row.institution_name || row.institution]))].slice(0, 14);
  return (
    <Panel title={t('quality.heat')} note={t('quality.heat.note')}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('quality.heat')}>
        <table className="plain heat">
          <thead>
            <tr>
              <th scope="col">{t('lead.institution')}</th>
              {checks.map(([check, title]) => (
                <th key={check} scope="col" className="right">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {institutions.map(([code, name]) => (
              <tr key={code}>
                <th scope="row">{name}</th>
                {checks.map(([check]) => {
                  const row = items.find((one) => one.institution === code && one.check === check);
                  const level = !row ? 0 : row.share >= 0.2 ? 4 : row.share >= 0.05 ? 3 : row.share >= 0.01 ? 2 : row.share > 0 ? 1 : 0;
                  return (
                    <td key={check} className={`right num heat-${level}`}>
                      {row ? percent(row.share) : '—'}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
