/** Places of the spans of a person's year: lanes by kind, spans that meet one below the other. */
import type { LaneKind, Span } from '../../api/contract';
import { dayNumber, fromDayNumber } from '../../format/day';

export const KINDS: LaneKind[] = ['stay', 'visit', 'pharmacy', 'registration'];

export type Placed = { span: Span; from: number; to: number; row: number };
export type Lane = { kind: LaneKind; rows: number; spans: Placed[] };

/** `to` is exclusive: a stay of one day is one day long. */
export function lanes(spans: Span[]): Lane[] {
  return KINDS.map((kind) => {
    const ends: number[] = [];
    const placed = spans
      .filter((span) => span.kind === kind)
      .sort((a, b) => (a.begin < b.begin ? -1 : a.begin > b.begin ? 1 : 0))
      .map((span) => {
        const from = dayNumber(span.begin);
        const to = Math.max(dayNumber(span.end || span.begin), from) + 1;
        let row = ends.findIndex((end) => end <= from);
        if (row < 0) row = ends.length;
        ends[row] = to;
        return { span, from, to, row };
      });
    return { kind, rows: Math.max(1, ends.length), spans: placed };
  }).filter((lane) => lane.spans.length > 0);
}

/** Firsts of months between two day numbers, thinned to at most `most`. */
export function months(from: number, to: number, most: number): { at: number; label: string }[] {
  const found: { at: number; label: string }[] = [];
  const first = fromDayNumber(from);
  let year = Number(first.slice(0, 4));
  let month = Number(first.slice(5, 7)) - 1;
  for (;;) {
    const at = Date.UTC(year, month, 1) / 86400000;
    if (at > to) break;
    if (at >= from) {
      const text = fromDayNumber(at);
      found.push({ at, label: month === 0 || found.length === 0 ? text.slice(0, 7) : text.slice(5, 7) });
    }
    month += 1;
    if (month === 12) {
      month = 0;
      year += 1;
    }
  }
  const step = Math.max(1, Math.ceil(found.length / most));
  return found.filter((_, i) => i % step === 0);
}
