/** 团组 worth a look: of the newest data, the most surprising × money first. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RelationGroup } from '../../api/contract';
import { count } from '../../format/money';
import { t } from '../../texts';
import { Money } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { useGroups } from './use-relations';

/** Expected less than this shows as "below". */
const LITTLE = 0.01;

const columns: Column<RelationGroup>[] = [
  { id: 'persons', title: t('relations.groups.persons'), width: 220, wide: true, cell: (group) => (
    <>
      <span className="strong">{t('relations.groups.n', { n: group.persons })}</span>
      <span className="faint two">{group.names.join(' ')}</span>
    </>
  ) },
  { id: 'places', title: t('relations.groups.places'), wide: true, cell: (group) => group.institutions.map((one) => one.name).join(t('mark.comma')) },
  { id: 'days', title: t('relations.groups.days'), align: 'right', width: 92, cell: (group) => <span className="num">{group.days}</span> },
  { id: 'most', title: t('relations.groups.most'), align: 'right', width: 92, cell: (group) => <span className="num">{group.most}</span> },
  { id: 'span', title: t('relations.groups.span'), width: 108, cell: (group) => (
    <span className="num">
      {group.first}
      <span className="faint two">{group.last}</span>
    </span>
  ) },
  { id: 'observed', title: t('relations.groups.observed'), align: 'right', width: 118, cell: (group) => (
    <span className="num">
      {count(group.observed)}
      <span className="faint two">{t('relations.groups.expected', { n: group.expected < LITTLE ? '< 0.01' : group.expected.toFixed(2) })}</span>
    </span>
  ) },
  { id: 'visits', title: t('relations.groups.visits'), align: 'right', width: 84, cell: (group) => <span className="num">{group.joint_visits}</span> },
  { id: 'fund', title: t('relations.groups.fund'), align: 'right', width: 120, cell: (group) => <Money fen={group.joint_fund_fen} strong /> },
  { id: 'leads', title: t('relations.groups.leads'), align: 'right', width: 84, cell: (group) => <span className="num">{group.leads}</span> },
];

export function GroupsList(): ReactNode {
  const navigate = useNavigate();
  const query = useGroups();
  const data = query.data;
  const go = (group: RelationGroup) => void navigate({ to: '/relations', search: { person: group.person } });
  const dealt = data?.by_chance;
  return (
    <>
      <PageHead title={t('relations.title')} note={data ? t('relations.groups.head', { from: data.from, to: data.to, stays: count(data.stays), persons: count(data.persons) }) : ''} />
      <Panel title={t('relations.groups')} note={data ? t('relations.groups.note', { n: data.total, least: data.least, persons: data.persons_least }) : undefined}>
        {dealt ? <p className="pad faint">{t('relations.groups.dealt', { rounds: dealt.rounds, mean: dealt.mean.toFixed(1), most: dealt.most })}</p> : null}
        <QueryTable
          label={t('relations.groups')}
          rows={data?.items}
          id={(group) => group.person}
          columns={columns.map((column) => ({ ...column }))}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          empty={<Empty title={t('relations.none')} hint={data ? t('relations.groups.empty', { least: data.least, persons: data.persons_least }) : ''} />}
          onGo={go}
        />
        {data && data.cut.length > 0 ? (
          <ul className="pad faint">
            {data.cut.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        ) : null}
      </Panel>
    </>
  );
}
