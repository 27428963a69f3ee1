/** 右栏: the chosen node; why it is a group, whether that is chance, what it cost, what speaks against it, and the leads there are. */
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { RelationNode, Relations } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { count, yuan } from '../../format/money';
import { t, word } from '../../texts';
import { Money } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import { StatusTag } from '../../ui/tags';
import { together } from './near';
import type { LeftOut } from './search';

type Props = { data: Relations; chosen: string | undefined; out: LeftOut[]; onExclude: (node: string) => void; onGo: (person: string) => void };

export function SidePanel({ data, chosen, onExclude, onGo }: Props): ReactNode {
  const node = data.nodes.find((one) => one.id === chosen);
  const { chance, money } = data;
  const group = data.core >= 2;
  return (
    <aside className="panel relations-side" aria-label={t('relations.side')} tabIndex={0}>
      {node ? <Chosen node={node} data={data} onExclude={onExclude} onGo={onGo} /> : null}
      <h2>{t('relations.why')}</h2>
      {data.why.length > 0 ? (
        <ol>
          {data.why.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ol>
      ) : (
        <p className="faint">{t('relations.why.none')}</p>
      )}
      {group ? (
        <>
          <h2>{t('relations.chance')}</h2>
          <Row title={t('relations.chance.observed')} value={count(chance.observed)} />
          <Row title={t('relations.chance.expected')} value={chance.expected.toFixed(chance.expected < 10 ? 2 : 1)} />
          <Row title={t('relations.chance.rounds', { n: count(chance.rounds) })} value={t('relations.times', { n: count(chance.reached) })} />
          <Row title={t('relations.chance.most')} value={count(chance.most)} />
          <p className="faint relations-caveat">{t('relations.chance.caveat')}</p>
          <h2>{t('relations.money')}</h2>
          <Row title={t('relations.money.visits', { persons: data.core, visits: money.visits })} value={yuan(money.amount_fen)} />
          <Row title={t('relations.money.fund')} value={yuan(money.fund_fen)} />
          <Row title={t('relations.money.joint', { visits: money.joint_visits })} value={yuan(money.joint_amount_fen)} />
          <Row title={t('relations.money.joint_fund')} value={yuan(money.joint_fund_fen)} strong />
        </>
      ) : null}
      <h2>{t('relations.against')}</h2>
      {data.against.length > 0 ? (
        <ul className="dotted">
          {data.against.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      ) : (
        <p className="faint">{t('relations.against.none')}</p>
      )}
      {data.cut.length > 0 ? (
        <>
          <h2>{t('relations.cut')}</h2>
          <ul className="dotted faint">
            {data.cut.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </>
      ) : null}
    </aside>
  );
}

function Row({ title, value, strong }: { title: string; value: string; strong?: boolean }): ReactNode {
  return (
    <p className={strong ? 'relations-row strong' : 'relations-row'}>
      <span>{title}</span>
      <span className="num">{value}</span>
    </p>
  );
}

function Chosen({ node, data, onExclude, onGo }: { node: RelationNode; data: Relations; onExclude: (node: string) => void; onGo: (person: string) => void }): ReactNode {
  const me = useMe();
  const others = node.kind === 'person' ? data.order.map((id) => together(node.id, id, data.edges)).filter((edge) => edge !== undefined) : [];
  const most = others.reduce((sum, edge) => Math.max(sum, edge.count), 0);
  return (
    <section className="relations-chosen" aria-live="polite">
      <h2>{t(`relations.kind.${node.kind}`)}</h2>
      <p className="strong">
        {node.label} <span className="faint">{node.kind === 'person' && node.note ? t('lead.age', { n: node.note }) : node.note}</span>{' '}
        {node.standing ? <span className="faint">{t(`relations.standing.${node.standing}`)}</span> : null}
      </p>
      <p className="faint num">{node.code}</p>
      <Row title={t('relations.node.visits_fund', { n: node.visits })} value={yuan(node.fund_fen)} />
      {others.length > 0 ? <Row title={t('relations.node.others', { n: others.length })} value={t('relations.node.most', { n: most })} /> : null}
      <p className="relations-acts no-print">
        {node.kind === 'person' ? (
          <Link to="/persons/$code" params={{ code: node.code }}>
            {t('relations.see.person')}
          </Link>
        ) : node.kind === 'doctor' ? (
          may(me, 'doctors.read') ? (
            <Link to="/doctors/$code" params={{ code: node.code }} search={{}}>
              {t('relations.see.doctor')}
            </Link>
          ) : null
        ) : (
          <Link to="/institutions/$code" params={{ code: node.code }}>
            {t('relations.see.institution')}
          </Link>
        )}
        {node.kind === 'person' ? (
          <Button size="small" type="link" onClick={() => onGo(node.code)}>
            {t('relations.from_here')}
          </Button>
        ) : null}
        <Button size="small" type="link" onClick={() => onExclude(node.id)}>
          {t('relations.exclude')}
        </Button>
      </p>
    </section>
  );
}

/** The leads of the members, where work goes on; merging them is an act of the lead's own page. */
export function LeadsPanel({ data }: { data: Relations }): ReactNode {
  const label = new Map(data.nodes.map((node) => [node.id, node.label]));
  return (
    <div id="relation-leads">
    <Panel title={t('relations.leads')} note={data.leads.length > 1 ? t('relations.leads.merge') : undefined}>
      {data.leads.length === 0 ? <p className="pad faint">{t('relations.leads.none')}</p> : null}
      <ul className="plain-list">
        {data.leads.map((lead) => (
          <li key={lead.id}>
            <Link to="/leads/$id" params={{ id: lead.id }} search={{}}>
              <code>{lead.id}</code>
            </Link>{' '}
            <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} /> {label.get(lead.person)} {lead.rule} <span className="faint">{lead.institution}</span>{' '}
            <Money fen={lead.amount_fen} />
          </li>
        ))}
      </ul>
      {data.leads_total > data.leads.length ? <p className="pad faint">{t('relations.leads.more', { n: data.leads_total - data.leads.length })}</p> : null}
    </Panel>
    </div>
  );
}
