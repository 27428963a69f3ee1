/** 机构画像: one page before any visit. What stands out against comparable peers, since when, and by which rules. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { read } from '../../api/client';
import { useRegionName } from '../../api/me';
import type { InstitutionProfile } from '../../api/contract';
import { wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { PageHead, Panel } from '../../ui/PageHead';
import { Empty, Failed, Skeleton } from '../../ui/states';
import { ControlChart } from './ControlChart';
import { Months } from './Months';
import { Peers } from './Peers';

const route = getRouteApi('/institutions/$code');

export function InstitutionPage(): ReactNode {
  const { code } = route.useParams();
  const region = useRegionName();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ['institution', code], queryFn: ({ signal }) => read('/institutions/{code}', { path: { code }, signal }) });
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={10} />;
  const profile = query.data;
  return (
    <>
      <PageHead title={profile.name} note={[profile.level, profile.kind, profile.region && region(profile.region), profile.code].filter(Boolean).join(' · ')}>
        <Link to="/leads" search={{ institution: profile.code }} className="ant-btn-like">
          {t('profile.leads')}
        </Link>
      </PageHead>
      <Peers like={profile.like} measures={profile.measures} />
      <div className="grid-charts">
        <Months months={profile.months} fund={'profile.fund_name'} inWan />
        <Panel title={t('profile.rules')} note={t('unit.wan')}>
          {profile.rules.length > 0 ? (
            <Bars
              label={t('profile.rules')}
              bars={[...profile.rules]
                .sort((a, b) => b.amount_fen - a.amount_fen)
                .slice(0, 8)
                .map((rule) => ({
                  key: rule.id,
                  title: rule.title,
                  value: rule.amount_fen,
                  text: wan(rule.amount_fen),
                  onPick: () => void navigate({ to: '/leads', search: { institution: profile.code, rule: rule.id } }),
                }))}
            />
          ) : (
            <Empty title={t('profile.no_rules')} />
          )}
        </Panel>
      </div>
      <OwnPast months={profile.months} />
    </>
  );
}

/** What changed and when, against nobody but itself. A month without a visit has no average. */
function OwnPast({ months }: { months: InstitutionProfile['months'] }): ReactNode {
  const { names, average, stays } = useMemo(() => {
    const seen = months.filter((one) => one.visits + one.stays > 0);
    return { names: seen.map((one) => one.month), average: seen.map((one) => one.amount_fen / 100 / (one.visits + one.stays)), stays: seen.map((one) => one.stays) };
  }, [months]);
  if (names.length === 0) return null;
  return (
    <div className="grid-2">
      <ControlChart title={t('profile.average')} unit={t('unit.yuan')} months={names} values={average} />
      <ControlChart title={t('profile.stays_n')} unit={t('unit.stays')} months={names} values={stays} />
    </div>
  );
}
