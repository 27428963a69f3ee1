/** Horizontal bars in plain HTML: lengths compare, long names stay readable, nothing to load. */
import type { ReactNode } from 'react';
import './Bars.css';

export type Bar = { key: string; title: ReactNode; value: number; text: string; tone?: 'amber' | 'red'; onPick?: () => void };

export function Bars({ label, bars, unit }: { label: string; bars: Bar[]; unit?: string }): ReactNode {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="bars" aria-label={label}>
      {bars.map((bar) => {
        const inside = (
          <>
            <span className="bar-title">{bar.title}</span>
            <span className="bar-track" aria-hidden="true">
              <span className={`bar-fill ${bar.tone ? `bar-${bar.tone}` : ''}`} style={{ width: `${(bar.value / most) * 100}%` }} />
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
