/** 就诊时间线: one lane a person; bars are stays coloured by institution, ◇ purchases, dashed lines common days of the group. */
import { Button } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { RelationBar, RelationNode, Relations } from '../../api/contract';
import { dayNumber, monthDay } from '../../format/day';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { months } from '../../ui/evidence/lanes';
import { Money } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import '../../ui/evidence/timeline.css';

const LEFT = 96;
const ROW = 25;
const TOP = 40;
/** Categories have three colours and a grey for the rest. */
const COLOURS = 3;

type Props = { data: Relations; chosen: string | undefined; choose: (node: string | undefined) => void };

export function LanesPanel({ data, chosen, choose }: Props): ReactNode {
  const [table, setTable] = useState(false);
  const names = institutions(data);
  return (
    <Panel
      title={t('relations.lanes')}
      note={t('relations.lanes.note')}
      className="timeline relations-lanes"
      extra={
        <Button size="small" type="link" onClick={() => setTable(!table)}>
          {table ? t('chart.picture') : t('chart.data')}
        </Button>
      }
    >
      {table ? (
        <Twin data={data} />
      ) : (
        <>
          <ul className="legend" aria-label={t('timeline.legend')}>
            {names.slice(0, COLOURS).map((one, at) => (
              <li key={one.code}>
                <i className={`kind-${at}`} aria-hidden="true" />
                {one.name}
              </li>
            ))}
            {names.length > COLOURS ? (
              <li>
                <i className="kind-3" aria-hidden="true" />
                {t('relations.lanes.others', { n: names.length - COLOURS })}
              </li>
            ) : null}
          </ul>
          <Lanes data={data} colours={new Map(names.map((one, at) => [one.code, Math.min(at, COLOURS)]))} chosen={chosen} choose={choose} />
        </>
      )}
    </Panel>
  );
}

/** Institutions of stays (of visits where there are no stays), the most often first. */
function institutions(data: Relations): { code: string; name: string }[] {
  const counts = new Map<string, { code: string; name: string; n: number }>();
  for (const bar of data.bars) {
    if (bar.kind === 'pharmacy') continue;
    const one = counts.get(bar.institution.code) ?? { ...bar.institution, n: 0 };
    counts.set(one.code, { ...one, n: one.n + (bar.joint ? 100 : 1) });
  }
  return [...counts.values()].sort((a, b) => b.n - a.n || a.code.localeCompare(b.code));
}

function rows(data: Relations): RelationNode[] {
  const persons = data.order.map((id) => data.nodes.find((node) => node.id === id));
  return persons.filter((node): node is RelationNode => node !== undefined);
}

function Lanes({ data, colours, chosen, choose }: Props & { colours: Map<string, number> }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(1100);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setRoom(Math.max(560, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const persons = rows(data);
  const days = data.bars.flatMap((bar) => [dayNumber(bar.begin), dayNumber(bar.end)]);
  const [from, to] = [Math.min(...days) - 2, Math.max(...days) + 2];
  const x = (at: number) => LEFT + ((at - from) / Math.max(1, to - from)) * (room - LEFT - 12);
  const height = TOP + persons.length * ROW + 8;
  const joint = data.events.filter((event) => event.core >= 2);
  const lines = spaced(joint.map((event) => ({ event, at: x(dayNumber(event.day)) })));
  const label = t('relations.lanes.label', { persons: persons.length, days: joint.length });
  return (
    <div className="lanes" ref={box} tabIndex={0} role="group" aria-label={label}>
      <svg width={room} height={height} role="img" aria-label={label}>
        {months(from, to, Math.floor((room - LEFT) / 56)).map((month) => (
          <g key={month.at}>
            <line x1={x(month.at)} x2={x(month.at)} y1={TOP - 8} y2={height - 4} className="lane-tick" />
            <text x={x(month.at) + 3} y={12} className="lane-text">
              {month.label}
            </text>
          </g>
        ))}
        {persons.map((person, row) => {
          const top = TOP + row * ROW;
          const dim = chosen !== undefined && chosen.startsWith('person:') && chosen !== person.id;
          return (
            <g key={person.id} className={dim ? 'dim' : ''}>
              <text x={4} y={top + 15} className={`lane-name ${person.standing === 'core' ? '' : 'lane-edge'}`} onClick={() => choose(person.id)}>
                {person.label} {person.note}
              </text>
              {data.bars
                .filter((bar) => bar.person === person.id)
                .sort((a, b) => weight(a) - weight(b))
                .map((bar) => (
                  <Mark key={bar.visit} bar={bar} x={x} top={top} colour={colours.get(bar.institution.code) ?? COLOURS} />
                ))}
            </g>
          );
        })}
        {lines.map(({ event, at, shows }) => (
          <g key={`${event.day} ${event.institution.code}`}>
            <title>{t('relations.lanes.event', { day: event.day, institution: event.institution.name, n: event.core })}</title>
            <line x1={at} x2={at} y1={TOP - 8} y2={height - 4} className="lane-joint" />
            {shows ? (
              <text x={at} y={TOP - 13} textAnchor="middle" className="lane-joint-text">
                {monthDay(event.day)}
              </text>
            ) : null}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** A line has its day above it where the one before leaves room. */
function spaced<T extends { at: number }>(lines: T[]): (T & { shows: boolean })[] {
  let last = -100;
  return lines.map((line) => {
    const shows = line.at - last > 46;
    if (shows) last = line.at;
    return { ...line, shows };
  });
}

/** Stays lie under visits, visits under purchases. */
function weight(bar: RelationBar): number {
  return bar.kind === 'stay' ? 0 : bar.kind === 'visit' ? 1 : 2;
}

function Mark({ bar, x, top, colour }: { bar: RelationBar; x: (at: number) => number; top: number; colour: number }): ReactNode {
  const left = x(dayNumber(bar.begin));
  const text = t('timeline.span', { institution: bar.institution.name, label: [bar.label, bar.practitioner].filter(Boolean).join(' '), begin: bar.begin, end: bar.end, amount: yuan(bar.amount_fen) });
  return (
    <g className={`span kind-${colour} ${bar.joint ? 'joint' : ''}`}>
      <title>{text}</title>
      {bar.kind === 'stay' ? (
        <rect x={left} y={top + 5} width={Math.max(4, x(dayNumber(bar.end)) - left)} height={13} rx={2} />
      ) : bar.kind === 'pharmacy' ? (
        <path className="bought" d={`M${left} ${top + 5.5}l6 6 -6 6 -6 -6z`} />
      ) : (
        <circle cx={left} cy={top + 11.5} r={3.5} />
      )}
    </g>
  );
}

function Twin({ data }: { data: Relations }): ReactNode {
  const label = new Map(data.nodes.map((node) => [node.id, node.label]));
  return (
    <div className="relations-list" tabIndex={0} role="group" aria-label={t('relations.lanes')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('relations.kind.person')}</th>
            <th scope="col">{t('relations.twin.begin')}</th>
            <th scope="col">{t('relations.twin.end')}</th>
            <th scope="col">{t('relations.twin.kind')}</th>
            <th scope="col">{t('relations.kind.hospital')}</th>
            <th scope="col">{t('relations.twin.label')}</th>
            <th scope="col">{t('relations.kind.doctor')}</th>
            <th scope="col" className="num">
              {t('relations.list.fund')}
            </th>
            <th scope="col">{t('relations.twin.joint')}</th>
          </tr>
        </thead>
        <tbody>
          {data.bars.map((bar) => (
            <tr key={bar.visit}>
              <td>{label.get(bar.person)}</td>
              <td className="num">{bar.begin}</td>
              <td className="num">{bar.end}</td>
              <td>{t(`lane.${bar.kind}`)}</td>
              <td>{bar.institution.name}</td>
              <td>{bar.label}</td>
              <td>{bar.practitioner}</td>
              <td className="num">
                <Money fen={bar.fund_fen} />
              </td>
              <td>{bar.joint ? t('relations.twin.yes') : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
