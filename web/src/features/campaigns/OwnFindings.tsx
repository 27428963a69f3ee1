/** 本院疑点 of a campaign: what the rules found at the institution, for it to look through before it declares. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { minute } from '../../format/day';
import { count } from '../../format/money';
import { t } from '../../texts';
import { Money } from '../../ui/figures';
import { sentence } from '../../ui/states';
import { VerdictTag } from '../../ui/tags';

/** At most so many come, the dearest first. */
const MOST = 500;

export function OwnFindings({ campaign, code, total }: { campaign: string; code: string; total: number }): ReactNode {
  const query = useQuery({
    queryKey: ['campaigns', campaign, code],
    queryFn: ({ signal }) => read('/campaigns/{id}/institutions/{code}/findings', { path: { id: campaign, code }, signal }),
    staleTime: 60_000,
  });
  if (query.error) return <p role="alert">{sentence(query.error)}</p>;
  const items = query.data?.items ?? [];
  return (
    <details className="point">
      <summary>{t('campaign.own_findings', { n: count(total) })}</summary>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('campaign.own_findings', { n: count(total) })}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('lead.rule')}</th>
              <th scope="col">{t('line.text')}</th>
              <th scope="col">{t('entry.at')}</th>
              <th scope="col" className="right">{t('entry.amount')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((finding) => (
              <tr key={finding.id}>
                <td className="nowrap">
                  <VerdictTag result={finding.result} /> {finding.rule.title}
                </td>
                <td>{finding.text}</td>
                <td className="num nowrap">{minute(finding.last_time)}</td>
                <td className="right"><Money fen={finding.counted_fen} /></td>
              </tr>
            ))}
            {items.length === 0 ? (
              <tr>
                <td colSpan={4} className="faint">{query.isFetching ? t('state.loading') : t('campaign.no_findings')}</td>
              </tr>
            ) : null}
          </tbody>
        </table>
        {total > MOST ? <p className="faint">{t('campaign.findings_most', { n: MOST })}</p> : null}
      </div>
    </details>
  );
}
