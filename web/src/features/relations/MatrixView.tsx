/** 矩阵: persons by persons, those who come together beside each other; readable where a graph tangles. */
import type { ReactNode } from 'react';
import type { Relations } from '../../api/contract';
import { t } from '../../texts';
import { together } from './near';

type Props = { data: Relations; chosen: string | undefined; choose: (node: string | undefined) => void };

export function MatrixView({ data, chosen, choose }: Props): ReactNode {
  const persons = data.order.map((id) => data.nodes.find((node) => node.id === id)).filter((node) => node !== undefined);
  const most = Math.max(1, ...data.edges.filter((edge) => edge.link === 'together').map((edge) => edge.count));
  return (
    <div className="matrix" tabIndex={0} role="group" aria-label={t('relations.matrix.label')}>
      <table>
        <caption className="faint">{t('relations.matrix.note')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('relations.kind.person')}</th>
            {persons.map((person, at) => (
              <th key={person.id} scope="col" title={person.label} className={person.id === chosen ? 'on' : ''}>
                {at + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {persons.map((row, at) => (
            <tr key={row.id}>
              <th scope="row" className={row.id === chosen ? 'on' : ''}>
                <button type="button" className="link" aria-pressed={row.id === chosen} onClick={() => choose(row.id)}>
                  {at + 1} {row.label} {row.note}
                </button>
                {row.standing === 'core' ? null : <span className="faint"> {t(`relations.standing.${row.standing ?? 'outside'}`)}</span>}
              </th>
              {persons.map((column) => {
                const edge = row.id === column.id ? undefined : together(row.id, column.id, data.edges);
                const strength = edge ? 0.18 + (0.6 * edge.count) / most : 0;
                return (
                  <td
                    key={column.id}
                    className={`num ${row.id === column.id ? 'self' : ''} ${row.id === chosen || column.id === chosen ? 'on' : ''}`}
                    title={edge ? t('relations.matrix.cell', { one: row.label, other: column.label, n: edge.count, days: edge.days.join(t('mark.comma')) }) : undefined}
                  >
                    {edge ? (
                      <>
                        <i style={{ opacity: strength }} aria-hidden="true" />
                        <span>{edge.count}</span>
                      </>
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
