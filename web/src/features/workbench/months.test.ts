import { describe, expect, it } from 'vitest';
import { monthsBack } from './months';

describe('monthsBack', () => {
  it('adds up what was paid and offset, refusals not among it, and takes off what was undone', () => {
    const month = (name: string, paid_fen: number, offset_fen: number, running = false) => ({ month: name, running, due_fen: 0, refused_fen: 999, paid_fen, offset_fen, waived_fen: 0, returned_fen: name === '2026-02' ? 5 : 0 });
    const back = monthsBack({ year: 2026, months: [month('2026-01', 100, 20), month('2026-02', 0, 0), month('2026-03', -40, 0, true)] });
    expect(back.map((one) => one.sum)).toEqual([120, 115, 75]);
    expect(back.map((one) => one.running)).toEqual([false, false, true]);
  });
});
