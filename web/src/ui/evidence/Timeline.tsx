/** 就诊时间线: a person's stays, visits and purchases as swim-lanes; two stays at once are hatched. Own SVG: focusable, prints, no library. */
import { Button } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { PersonTimeline } from '../../api/contract';
import { useTimeline } from '../../api/queries';
import { day, dayNumber } from '../../format/day';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { Panel } from '../PageHead';
import { Empty, Failed, Skeleton } from '../states';
import { lanes, months } from './lanes';
import './timeline.css';

const LEFT = 76;
const ROW = 20;
const GAP = 10;
const TOP = 24;

export function Timeline({ finding }: { finding: string }): ReactNode {
  const query = useTimeline(finding);
  return (
    <TimelinePanel data={query.data} note={t('timeline.note')} hit={t('timeline.hit')}>
      {query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <Skeleton rows={4} /> : null}
    </TimelinePanel>
  );
}

/** `hit` says what the marked ones are; `children` stands while there is nothing to draw yet. */
export function TimelinePanel({ data, note, hit, children }: { data: PersonTimeline | undefined; note: string; hit: string; children?: ReactNode }): ReactNode {
  const [table, setTable] = useState(false);
  const [zoom, setZoom] = useState(1);
  const names = [...new Set((data?.lanes ?? []).map((span) => span.institution))];
  return (
    <Panel
      title={t('timeline.title')}
      note={note}
      className="timeline"
      extra={
        <>
          <Button size="small" aria-label={t('timeline.out')} disabled={zoom <= 1} onClick={() => setZoom(Math.max(1, zoom / 2))}>
            −
          </Button>
          <Button size="small" aria-label={t('timeline.in')} disabled={zoom >= 8} onClick={() => setZoom(zoom * 2)}>
            +
          </Button>
          <Button size="small" type="link" onClick={() => setTable(!table)}>
            {table ? t('chart.picture') : t('chart.data')}
          </Button>
        </>
      }
    >
      {children}
      {data && data.lanes.length === 0 ? <Empty title={t('timeline.empty')} /> : null}
      {data && data.lanes.length > 0 ? (
        table ? (
          <Twin data={data} hit={hit} />
        ) : (
          <>
            <Legend names={names} hit={hit} />
            <Lanes data={data} names={names} zoom={zoom} />
          </>
        )
      ) : null}
    </Panel>
  );
}

function Legend({ names, hit }: { names: string[]; hit: string }): ReactNode {
  return (
    <ul className="legend" aria-label={t('timeline.legend')}>
      {names.slice(0, 6).map((name, i) => (
        <li key={name}>
          <i className={`kind-${i % 4}`} aria-hidden="true" />
          {name}
        </li>
      ))}
      <li>
        <i className="overlap" aria-hidden="true" />
        {t('timeline.overlap')}
      </li>
      <li>
        <i className="hitbar" aria-hidden="true" />
        {hit}
      </li>
    </ul>
  );
}

function Lanes({ data, names, zoom }: { data: PersonTimeline; names: string[]; zoom: number }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(900);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setRoom(Math.max(320, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const width = Math.max(room, (room - LEFT) * zoom + LEFT);
  const from = dayNumber(data.from);
  const to = dayNumber(data.to) + 1;
  const x = (at: number) => LEFT + ((at - from) / Math.max(1, to - from)) * (width - LEFT - 12);
  const drawn = lanes(data.lanes);
  const below = (upTo: number) => drawn.slice(0, upTo).reduce((sum, lane) => sum + lane.rows * ROW + GAP, TOP);
  const tops = drawn.map((_, at) => below(at));
  const y = below(drawn.length);
  const summary = t('timeline.summary', {
    n: data.lanes.length,
    from: data.from,
    to: data.to,
    overlap: data.lanes.filter((span) => span.overlap).length,
  });
  return (
    <div className="lanes" ref={box} tabIndex={0} role="group" aria-label={summary}>
      <svg width={width} height={y + 4} viewBox={`0 0 ${width} ${y + 4}`} role="img" aria-label={summary}>
        <defs>
          <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className="hatch-ground" />
            <rect width="2.5" height="6" className="hatch-line" />
          </pattern>
        </defs>
        {months(from, to, Math.floor((width - LEFT) / 56)).map((month) => (
          <g key={month.at}>
            <line x1={x(month.at)} x2={x(month.at)} y1={TOP - 6} y2={y - 4} className="lane-tick" />
            <text x={x(month.at) + 3} y={TOP - 10} className="lane-text">
              {month.label}
            </text>
          </g>
        ))}
        {drawn.map((lane, i) => {
          const top = tops[i] ?? TOP;
          return (
            <g key={lane.kind}>
              <text x={4} y={top + 14} className="lane-name">
                {t(`lane.${lane.kind}`)}
              </text>
              <line x1={LEFT} x2={width - 12} y1={top + lane.rows * ROW + GAP / 2} y2={top + lane.rows * ROW + GAP / 2} className="lane-tick" />
              {lane.spans.map((placed, at) => {
                const { span } = placed;
                const left = x(placed.from);
                const size = Math.max(4, x(placed.to) - left - 1);
                const kind = span.overlap ? 'overlap' : `kind-${names.indexOf(span.institution) % 4}`;
                const place = top + placed.row * ROW;
                const text = t('timeline.span', {
                  institution: span.institution,
                  label: span.label,
                  begin: day(span.begin),
                  end: day(span.end),
                  amount: yuan(span.amount_fen),
                });
                return (
                  <g key={at} className={`span ${kind} ${span.hit ? 'hit' : ''}`}>
                    <title>{text}</title>
                    {lane.kind === 'stay' ? (
                      <rect x={left} y={place + 2} width={size} height={ROW - 6} rx={2} />
                    ) : lane.kind === 'pharmacy' ? (
                      <path d={`M${left + 5} ${place + 2} l6 7 -6 7 -6 -7z`} />
                    ) : lane.kind === 'visit' ? (
                      <circle cx={left + 4} cy={place + 9} r={5} />
                    ) : (
                      <rect x={left} y={place + 3} width={8} height={12} />
                    )}
                    {lane.kind === 'stay' && size > 64 ? (
                      <text x={left + 5} y={place + 13} className="span-text">
                        {span.label.slice(0, Math.floor((size - 8) / 12))}
                      </text>
                    ) : null}
                  </g>
                );
              })}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function Twin({ data, hit }: { data: PersonTimeline; hit: string }): ReactNode {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t('timeline.title')}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('timeline.begin')}</th>
            <th scope="col">{t('timeline.end')}</th>
            <th scope="col">{t('timeline.kind')}</th>
            <th scope="col">{t('timeline.institution')}</th>
            <th scope="col">{t('timeline.label')}</th>
            <th scope="col" className="right">{t('timeline.amount')}</th>
            <th scope="col">{t('timeline.mark')}</th>
          </tr>
        </thead>
        <tbody>
          {[...data.lanes].sort((a, b) => (a.begin < b.begin ? -1 : 1)).map((span, i) => (
            <tr key={i}>
              <td className="num">{day(span.begin)}</td>
              <td className="num">{day(span.end)}</td>
              <td>{t(`lane.${span.kind}`)}</td>
              <td>{span.institution}</td>
              <td>{span.label}</td>
              <td className="right num">{yuan(span.amount_fen)}</td>
              <td>{[span.hit ? hit : '', span.overlap ? t('timeline.overlap') : ''].filter(Boolean).join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
