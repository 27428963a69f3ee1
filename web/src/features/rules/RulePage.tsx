/** A rule as a law-like text: plain words, logic, basis, misfires, knowledge, examples, and how often it was right. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import { may, useMe } from '../../api/me';
import { count } from '../../format/money';
import { t, word } from '../../texts';
import { Facts, Money, PrecisionBar } from '../../ui/figures';
import { AsOf, Panel } from '../../ui/PageHead';
import { Prose } from '../../ui/Prose';
import { Failed, Skeleton } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { Verdict } from './RulesPage';
import './rules.css';

const route = getRouteApi('/rules/$id');

export function RulePage(): ReactNode {
  const { id } = route.useParams();
  const me = useMe();
  const [source, setSource] = useState(false);
  const query = useQuery({ queryKey: ['rule', id], queryFn: ({ signal }) => read('/rules/{id}', { path: { id }, signal }) });
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={10} />;
  const rule = query.data;
  return (
    <>
      <header className="page-head">
        <h1>{rule.title}</h1>
        <code>{t('rule.version', { id: rule.id, version: rule.version })}</code>
        <Verdict verdict={rule.verdict} />
        <PlainTag kind={rule.status === 'live' ? 'cleared' : 'grey'}>{word(`rule.status.${rule.status}`, rule.status)}</PlainTag>
        <AsOf />
        <div className="page-acts">
          <Button onClick={() => setSource(!source)}>{source ? t('rule.reading') : t('rule.source')}</Button>
          {may(me, 'leads.read') ? (
            <Link to="/leads" search={{ rule: rule.id }} className="ant-btn-like">
              {t('rule.leads')}
            </Link>
          ) : null}
        </div>
      </header>
      {source ? (
        <Panel title={t('rule.source')}>
          <pre className="logic tall" tabIndex={0}>{rule.markdown}</pre>
        </Panel>
      ) : (
        <div className="grid-main">
          <div>
            <Panel title={t('rule.plain')}>
              <Prose text={rule.plain} />
            </Panel>
            <Panel title={t('rule.logic')}>
              <pre className="logic" tabIndex={0}>{rule.logic}</pre>
            </Panel>
            <Panel title={t('evidence.misfires')}>
              <Prose text={rule.misfires} />
            </Panel>
            <Panel title={t('rule.examples')} note={t('rule.examples.note', { n: rule.examples.length })}>
              {rule.examples.map((example, i) => (
                <div key={i} className="example">
                  <p>
                    <PlainTag kind={example.hits ? 'violation' : 'cleared'}>{example.hits ? t('rule.hits') : t('rule.hits_not')}</PlainTag> {example.title}
                  </p>
                  <div className="scroll-x" tabIndex={0} role="region" aria-label={example.title}>
                    <table className="plain mono">
                      <thead>
                        <tr>
                          {example.columns.map((column) => (
                            <th key={column} scope="col" title={column}>
                              {word(`national.${column}`, column)}
                            </th>
                          ))}
                        </tr>
                      </thead>
                      <tbody>
                        {example.rows.map((row, at) => (
                          <tr key={at}>
                            {row.map((cell, place) => (
                              <td key={place}>{cell}</td>
                            ))}
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                </div>
              ))}
            </Panel>
          </div>
          <div>
            <Panel title={t('rule.record')}>
              <Facts
                items={[
                  [t('rule.precision'), <PrecisionBar key="precision" precision={rule} />],
                  [t('rule.findings'), <span key="findings" className="num">{count(rule.findings)}</span>],
                  [t('rule.amount'), <Money key="amount" fen={rule.amount_fen} strong />],
                  [t('rule.class'), word(`rule.class.${rule.class}`, rule.class)],
                  [t('rule.from'), rule.valid_from ? <span key="from" className="num">{rule.valid_from}</span> : t('rule.always')],
                ]}
              />
            </Panel>
            {rule.past.length > 0 ? (
              <Panel title={t('rule.past')} note={t('rule.past.note')}>
                <div className="scroll-x" tabIndex={0} role="region" aria-label={t('rule.past')}>
                  <table className="plain">
                    <thead>
                      <tr>
                        <th scope="col">{t('rule.past.at')}</th>
                        <th scope="col" className="right">{t('rule.past.version')}</th>
                        <th scope="col" className="right">{t('rule.past.findings')}</th>
                        <th scope="col" className="right">{t('rule.past.amount')}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {rule.past.map((run) => (
                        <tr key={run.at} aria-current={run.current ? 'true' : undefined}>
                          <td className="num">
                            {run.at.slice(0, 16)} {run.current ? <PlainTag kind="cleared">{t('rule.past.current')}</PlainTag> : null}
                          </td>
                          {run.not_run ? (
                            <td colSpan={3}>{t('rule.past.not_run', { reason: run.not_run })}</td>
                          ) : (
                            <>
                              <td className="num right">{run.version}</td>
                              <td className="num right">{count(run.findings)}</td>
                              <td className="right">
                                <Money fen={run.amount_fen} />
                              </td>
                            </>
                          )}
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              </Panel>
            ) : null}
            {rule.kinds.length > 0 ? (
              <Panel title={t('rule.kinds')} note={t('rule.kinds.note')}>
                <Facts items={rule.kinds.map((one) => [one.kind, <PrecisionBar key={one.kind} precision={one} />])} />
              </Panel>
            ) : null}
            <Panel title={t('evidence.basis')}>
              <ul className="bullets">
                {rule.basis.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </Panel>
            {rule.params.length > 0 ? (
              <Panel title={t('rule.params')}>
                <Facts items={rule.params.map((param) => [param.text || param.name, <code key={param.name}>{`${param.name} = ${param.value}`}</code>])} />
              </Panel>
            ) : null}
            {rule.knowledge.length > 0 ? (
              <Panel title={t('menu.knowledge')}>
                <ul className="plain-list">
                  {rule.knowledge.map((one) => (
                    <li key={one.table}>
                      <Link to="/knowledge/$table" params={{ table: one.table }} search={{}}>
                        {one.title}
                      </Link>{' '}
                      <span className="faint num">{t('knowledge.points', { n: count(one.points) })}</span>
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
          </div>
        </div>
      )}
    </>
  );
}
