/** 列表: the same as a table, pair by pair, with days, places and money; then what persons share. */
import type { ReactNode } from 'react';
import type { Relations } from '../../api/contract';
import { t } from '../../texts';
import { Money } from '../../ui/figures';

type Props = { data: Relations; chosen: string | undefined; choose: (node: string | undefined) => void };

export function ListView({ data, chosen, choose }: Props): ReactNode {
  const label = new Map(data.nodes.map((node) => [node.id, node]));
  const place = new Map(data.nodes.map((node) => [node.code, node.label]));
  for (const event of data.events) place.set(event.institution.code, event.institution.name);
  const mine = (edge: Relations['edges'][number]) => chosen === undefined || edge.from === chosen || edge.to === chosen;
  const edges = data.edges.filter(mine).sort((a, b) => Number(b.link === 'together') - Number(a.link === 'together') || b.count - a.count || a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
  const name = (id: string) => (
    <button type="button" className="link" aria-pressed={id === chosen} onClick={() => choose(id)}>
      {label.get(id)?.label ?? id}
    </button>
  );
  return (
    <div className="relations-list" tabIndex={0} role="group" aria-label={t('relations.list.label')}>
      <table className="plain-table">
        <caption className="faint">{chosen ? t('relations.list.chosen', { label: label.get(chosen)?.label ?? '', n: edges.length }) : t('relations.list.all', { n: edges.length })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('relations.list.one')}</th>
            <th scope="col">{t('relations.list.other')}</th>
            <th scope="col">{t('relations.list.link')}</th>
            <th scope="col" className="num">
              {t('relations.list.times')}
            </th>
            <th scope="col">{t('relations.list.days')}</th>
            <th scope="col">{t('relations.list.places')}</th>
            <th scope="col" className="num">
              {t('relations.list.fund')}
            </th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr key={`${edge.from} ${edge.to}`}>
              <td>{name(edge.from)}</td>
              <td>{name(edge.to)}</td>
              <td>{t(`relations.link.${edge.link}`)}</td>
              <td className="num">{edge.count}</td>
              <td className="relations-day-list">{edge.days.join(' ')}</td>
              <td>{edge.places.map((code) => place.get(code) ?? code).join(t('mark.comma'))}</td>
              <td className="num">
                <Money fen={edge.fund_fen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
