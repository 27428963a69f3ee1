/** What rules said about the subject, each with the lead it is worked on in; and what the profile cannot say. */
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ProfileFinding, ProfileRule } from '../../api/contract';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { Money } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import { Empty } from '../../ui/states';
import { StatusTag, VerdictTag } from '../../ui/tags';
import './profiles.css';

export function Rules({ rules }: { rules: ProfileRule[] }): ReactNode {
  const navigate = useNavigate();
  return (
    <Panel title={t('profile.rules')} note={t('unit.yuan')}>
      {rules.length > 0 ? (
        <Bars
          label={t('profile.rules')}
          bars={rules.slice(0, 8).map((rule) => ({
            key: rule.id,
            title: rule.title,
            value: rule.amount_fen,
            text: rule.amount_fen > 0 ? yuan(rule.amount_fen) : t('profile.no_money', { n: rule.findings }),
            onPick: () => void navigate({ to: '/rules/$id', params: { id: rule.id } }),
          }))}
        />
      ) : (
        <Empty title={t('profile.no_rules')} />
      )}
    </Panel>
  );
}

/** `own`: all are of one institution, which needs no column. */
export function Findings({ findings, total, own = false, all }: { findings: ProfileFinding[]; total: number; own?: boolean; all: ReactNode }): ReactNode {
  return (
    <Panel title={t('profile.findings')} note={total > findings.length ? t('profile.findings.newest', { n: findings.length, total }) : t('profile.findings.all', { n: total })} extra={all}>
      {findings.length === 0 ? <Empty title={t('profile.no_rules')} hint={t('profile.no_rules.hint')} /> : null}
      {findings.length > 0 ? (
        <div className="scroll-x" tabIndex={0} role="region" aria-label={t('profile.findings')}>
          <table className="plain found">
            <thead>
              <tr>
                <th scope="col">{t('lead.day')}</th>
                <th scope="col">{t('lead.result')}</th>
                <th scope="col">{t('lead.rule')}</th>
                {own ? null : <th scope="col">{t('lead.institution')}</th>}
                <th scope="col" className="right">{t('profile.amount')}</th>
                <th scope="col">{t('lead.status')}</th>
                <th scope="col">{t('profile.lead')}</th>
              </tr>
            </thead>
            <tbody>
              {findings.map((one) => (
                <tr key={one.id} className={one.gone ? 'faint' : ''}>
                  <td className="num nowrap">{one.day || '—'}</td>
                  <td className="nowrap">
                    <VerdictTag result={one.result} />
                  </td>
                  <td>
                    <span className="line1">{one.rule.name}</span>
                    <span className="faint">{one.text}</span>
                    {one.gone ? <span className="gone">{t('lead.gone_short')}</span> : null}
                  </td>
                  {own ? null : <td>{one.institution}</td>}
                  <td className="right">
                    <Money fen={one.amount_fen} />
                  </td>
                  <td className="nowrap">
                    <StatusTag title={one.status_title} tone={one.tone} />
                  </td>
                  <td className="nowrap">
                    <Link to="/leads/$id" params={{ id: one.lead }} search={{ finding: one.id }}>
                      <code>{one.lead}</code>
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </Panel>
  );
}

export function Unseen({ facts }: { facts: string[] }): ReactNode {
  if (facts.length === 0) return null;
  return (
    <Panel title={t('profile.unseen')}>
      <ul className="pad bullets faint">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </Panel>
  );
}
