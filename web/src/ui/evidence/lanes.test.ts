import { describe, expect, it } from 'vitest';
import type { Span } from '../../api/contract';
import { lanes, months } from './lanes';
import { dayNumber } from '../../format/day';

const span = (kind: Span['kind'], begin: string, end = begin): Span => ({ kind, institution: 'A', begin, end, label: '', amount_fen: 0, hit: false, overlap: false });

describe('lanes', () => {
  it('puts stays that meet below each other, and uses a row again when it is free', () => {
    const [lane] = lanes([span('stay', '2026-01-01', '2026-01-09'), span('stay', '2026-01-05', '2026-01-12'), span('stay', '2026-01-10', '2026-01-11')]);
    expect(lane?.rows).toBe(2);
    expect(lane?.spans.map((one) => one.row)).toEqual([0, 1, 0]);
  });

  it('keeps a stay that begins on the day another ends apart from it', () => {
    const [lane] = lanes([span('stay', '2026-01-01', '2026-01-05'), span('stay', '2026-01-05', '2026-01-06')]);
    expect(lane?.rows).toBe(2);
  });

  it('leaves out lanes with nothing in them', () => {
    expect(lanes([span('pharmacy', '2026-02-01')]).map((lane) => lane.kind)).toEqual(['pharmacy']);
    expect(lanes([])).toEqual([]);
  });

  it('marks firsts of months, the year where it turns', () => {
    const found = months(dayNumber('2025-11-15'), dayNumber('2026-02-10'), 12);
    expect(found.map((month) => month.label)).toEqual(['2025-12', '2026-01', '02']);
    expect(months(dayNumber('2025-01-01'), dayNumber('2025-12-31'), 4)).toHaveLength(4);
  });
});
