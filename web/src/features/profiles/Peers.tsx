/** Beside the like: every one of them a dot, the middle half a band, the median a line, the subject ringed. The gap shows, not only a rank. */
import type { ReactNode } from 'react';
import type { Like, Measure } from '../../api/contract';
import { count } from '../../format/money';
import { t } from '../../texts';
import { Facts } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import { Empty } from '../../ui/states';
import './profiles.css';

export function Peers({ like, measures }: { like: Like; measures: Measure[] }): ReactNode {
  const compared = measures.some((one) => one.peers);
  // What stands out comes first.
  const apart = (one: Measure) => Math.abs((one.peers?.percentile ?? 50) - 50);
  return (
    <Panel title={t('profile.measures')} note={compared ? t('profile.like', { title: like.title, n: like.count }) : t('profile.like_few', { title: like.title, n: like.count })}>
      {measures.length === 0 ? <Empty title={t('profile.no_measures')} /> : null}
      {compared ? (
        <ul className="legend peers-legend" aria-label={t('timeline.legend')}>
          <li>
            <svg width="14" height="14" aria-hidden="true">
              <circle cx="7" cy="7" r="2.5" className="peer-dot" />
            </svg>
            {t('profile.legend.one')}
          </li>
          <li>
            <svg width="22" height="14" aria-hidden="true">
              <rect x="1" y="3" width="20" height="8" className="peer-band" />
              <rect x="10" y="1" width="2" height="12" className="peer-median" />
            </svg>
            {t('profile.legend.band')}
          </li>
          <li>
            <svg width="16" height="16" aria-hidden="true">
              <circle cx="8" cy="8" r="5.5" className="own-ring" />
            </svg>
            {t('profile.legend.own')}
          </li>
        </ul>
      ) : null}
      {compared ? null : <Facts items={measures.map((one) => [one.title, <Value key={one.id} measure={one} />])} />}
      <div className="measures">
        {(compared ? [...measures].sort((a, b) => apart(b) - apart(a)) : []).map((measure) => (
          <Row key={measure.id} measure={measure} />
        ))}
      </div>
    </Panel>
  );
}

export function figure(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return count(value);
  return size >= 1000 ? count(Math.round(value)) : value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Where the picture ends: what lies far out is drawn at its end, so that the many can be told apart. */
export function reach(value: number, dots: number[], p25: number, p75: number): { low: number; high: number } {
  const top = dots[Math.floor((dots.length - 1) * 0.95)] ?? p75;
  const high = Math.max(value, Math.min(Math.max(top, p75), p75 + 4 * (p75 - p25 || p75)));
  return { low: Math.min(0, value, dots[0] ?? 0), high: high > 0 ? high * 1.06 : 1 };
}

function Row({ measure }: { measure: Measure }): ReactNode {
  const { peers } = measure;
  const out = peers !== undefined && (peers.percentile >= 95 || peers.percentile <= 5);
  return (
    <div className="measure">
      <span className="measure-title">{measure.title}</span>
      {peers ? <Dots measure={measure} out={out} /> : <span className="faint">{t('profile.not_compared')}</span>}
      <Value measure={measure} />
      <span className="faint num nowrap">{peers ? t('profile.median', { value: figure(peers.median) }) : ''}</span>
      <span className={`num nowrap ${out ? 'due-soon' : 'faint'}`}>{peers ? standing(peers.percentile) : ''}</span>
    </div>
  );
}

function Value({ measure }: { measure: Measure }): ReactNode {
  return (
    <span className="num strong nowrap">
      {figure(measure.value)} <small className="faint">{measure.unit}</small>
    </span>
  );
}

function standing(percentile: number): string {
  if (percentile >= 100) return t('profile.above_all');
  if (percentile <= 0) return t('profile.below_all');
  // Rounded, but never to all or none of them.
  const n = Math.min(99, Math.max(1, Math.round(percentile)));
  return n >= 50 ? t('profile.above', { n }) : t('profile.below', { n: 100 - n });
}

function Dots({ measure, out }: { measure: Measure; out: boolean }): ReactNode {
  const { value, peers } = measure;
  if (!peers) return null;
  const { low, high } = reach(value, peers.dots, peers.p25, peers.p75);
  const x = (one: number) => `${Math.min(99.2, Math.max(0.8, ((one - low) / (high - low)) * 100)).toFixed(2)}%`;
  const width = `${Math.max(0.4, ((peers.p75 - peers.p25) / (high - low)) * 100).toFixed(2)}%`;
  return (
    <svg
      className="peer-dots"
      role="img"
      aria-label={t('profile.measure', { title: measure.title, value: figure(value), unit: measure.unit, median: figure(peers.median), p25: figure(peers.p25), p75: figure(peers.p75) })}
    >
      <line x1="0" x2="100%" y1="11" y2="11" className="lane-tick" />
      <rect x={x(peers.p25)} width={width} y="4" height="14" className="peer-band" />
      {peers.dots.map((one, i) => (
        <circle key={i} cx={x(one)} cy={8 + (i % 3) * 3} r="2" className="peer-dot" />
      ))}
      <rect x={x(peers.median)} width="2" y="2" height="18" className="peer-median" />
      <circle cx={x(value)} cy="11" r="6" className={out ? 'own-ring out' : 'own-ring'} />
      <circle cx={x(value)} cy="11" r="2" className={out ? 'own-mark out' : 'own-mark'} />
    </svg>
  );
}
