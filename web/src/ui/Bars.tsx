/** Horizontal bars in plain HTML: lengths compare, long names stay readable, nothing to load. */
import type { CSSProperties, ReactNode } from 'react';
import './Bars.css';

export type Bar = { key: string; title: ReactNode; value: number; text: string; tone?: 'amber' | 'red'; onPick?: () => void };

export function Bars({ label, bars, unit }: { label: string; bars: Bar[]; unit?: string }): ReactNode {
  // Long names stay readable, short ones leave the room to the bars; 13 px letters, Latin ones about half as wide as Han.
  const wide = Math.max(4, ...bars.map((bar) => (typeof bar.title === 'string' ? [...bar.title].reduce((sum, letter) => sum + (letter < '\u0370' ? 0.58 : 1), 0) : 10)));
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="bars" aria-label={label} style={{ '--title': `${wide + 0.3}em` } as CSSProperties}>
      {bars.map((bar) => {
        const inside = (
          <>
            <span className="bar-title" title={typeof bar.title === 'string' ? bar.title : undefined}>{bar.title}</span>
            <span className="bar-track" aria-hidden="true">
              <span className={`bar-fill ${bar.tone ? `bar-${bar.tone}` : ''}`} style={{ width: `${(bar.value / most) * 100}%`, minWidth: bar.value > 0 ? 2 : 0 }} />
            </span>
            <span className={`bar-value num ${bar.tone === 'red' && bar.value > 0 ? 'due-over' : ''}`}>
              {bar.text}
              {unit ? <small> {unit}</small> : null}
            </span>
          </>
        );
        return (
          <li key={bar.key}>
            {bar.onPick ? (
              <button type="button" className="bar" onClick={bar.onPick}>
                {inside}
              </button>
            ) : (
              <span className="bar">{inside}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
