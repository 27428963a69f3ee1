/** 机构画像: one page before any visit. What stands out against comparable peers, since when, and by which rules. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, type ReactNode } from 'react';
import { read } from '../../api/client';
import type { InstitutionProfile, Measure } from '../../api/contract';
import { count, wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import { Panel } from '../../ui/PageHead';
import { Empty, Failed, Skeleton } from '../../ui/states';
import type { Paint } from '../../ui/theme';

const route = getRouteApi('/institutions/$code');

export function InstitutionPage(): ReactNode {
  const { code } = route.useParams();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ['institution', code], queryFn: ({ signal }) => read('/institutions/{code}', { path: { code }, signal }) });
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={10} />;
  const profile = query.data;
  return (
    <>
      <header className="page-head">
        <h1>{profile.name}</h1>
        <span className="faint">{[profile.level, profile.kind, profile.region, profile.code].filter(Boolean).join(' · ')}</span>
        <div className="page-acts">
          <Link to="/leads" search={{ institution: profile.code }} className="ant-btn-like">
            {t('profile.leads')}
          </Link>
        </div>
      </header>
      <Panel title={t('profile.measures')} note={t('profile.peers', { n: profile.peers })}>
        {profile.measures.length > 0 ? (
          <div className="measures">
            {[...profile.measures].sort((a, b) => b.percentile - a.percentile).map((measure) => (
              <Band key={measure.id} measure={measure} peers={profile.peers} />
            ))}
          </div>
        ) : (
          <Empty title={t('profile.no_peers')} />
        )}
      </Panel>
      <div className="grid-charts">
        <Months profile={profile} />
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
    </>
  );
}

function figure(value: number): string {
  const size = Math.abs(value);
  return size >= 1000 ? count(Math.round(value)) : value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** A rank among fewer says nothing. */
const PEERS_MIN = 5;

/** The institution's mark on the band of its peers: the gap, not only the rank. */
function Band({ measure, peers }: { measure: Measure; peers: number }): ReactNode {
  const { value, peer_p25, peer_median, peer_p75 } = measure;
  const top = Math.max(value, peer_p75) * 1.08 || 1;
  const low = Math.min(0, value, peer_p25);
  const x = (one: number) => ((one - low) / (top - low)) * 100;
  const ranked = peers >= PEERS_MIN;
  const out = ranked && (measure.percentile >= 90 || measure.percentile <= 10);
  return (
    <div className="measure">
      <span className="measure-title">{measure.title}</span>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label={t('profile.measure', { title: measure.title, value: figure(value), unit: measure.unit, median: figure(peer_median), p25: figure(peer_p25), p75: figure(peer_p75) })}>
        <line x1="0" x2="100" y1="7" y2="7" className="lane-tick" />
        <rect x={x(peer_p25)} width={Math.max(0.6, x(peer_p75) - x(peer_p25))} y="3.5" height="7" className="peer-band" />
        <rect x={x(peer_median) - 0.3} width="0.6" y="2" height="10" className="peer-median" />
        <rect x={x(value) - 0.7} width="1.4" y="0" height="14" className={out ? 'own-mark out' : 'own-mark'} />
      </svg>
      <span className="num strong">{figure(value)}</span>
      <span className="faint">{measure.unit}</span>
      <span className="faint num">{t('profile.median', { value: figure(peer_median) })}</span>
      <span className={`num ${out ? 'due-soon' : 'faint'}`}>{ranked ? t('profile.percentile', { n: Math.round(measure.percentile) }) : ''}</span>
    </div>
  );
}

function Months({ profile }: { profile: InstitutionProfile }): ReactNode {
  const { months } = profile;
  const option = useCallback(
    (paint: Paint) => ({
      ...chartBase(paint),
      xAxis: { type: 'category', data: months.map((one) => one.month), ...axisLook(paint), splitLine: { show: false } },
      yAxis: { type: 'value', ...axisLook(paint) },
      series: [
        { type: 'bar', name: t('profile.fund'), barMaxWidth: 20, data: months.map((one) => one.fund_fen / 1000000), itemStyle: { color: paint.kinds[0] } },
        { type: 'line', name: t('profile.total'), symbolSize: 5, data: months.map((one) => one.amount_fen / 1000000), itemStyle: { color: paint.kinds[1] }, lineStyle: { width: 1.5 } },
      ],
    }),
    [months],
  );
  return (
    <Chart
      title={t('profile.months')}
      note={t('profile.months.note')}
      summary={t('profile.months.summary', { n: months.length })}
      height={230}
      option={option}
      data={{
        head: [t('own.month'), t('profile.visits'), t('profile.stays'), t('profile.total'), t('profile.fund'), t('own.findings'), t('profile.found')],
        rows: months.map((one) => [one.month, one.visits, one.stays, wan(one.amount_fen), wan(one.fund_fen), one.findings, wan(one.found_fen)]),
      }}
    />
  );
}
