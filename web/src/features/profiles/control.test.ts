import { expect, it } from 'vitest';
import { control } from './control';

it('draws no limits out of too few values', () => {
  expect(control([1, 2, 3, 4, 5])).toBeUndefined();
});

it('has limits at 2.66 mean steps and marks what lies outside', () => {
  const found = control([10, 12, 10, 12, 10, 12, 10, 40]);
  // Steps 2 × 6 and 30: mean 6; mean of the values 14.5.
  expect(found?.mean).toBeCloseTo(14.5);
  expect(found?.high).toBeCloseTo(14.5 + 2.66 * 6);
  expect(found?.low).toBe(0);
  expect(found?.out).toEqual([false, false, false, false, false, false, false, true]);
});

it('marks the eighth in a row on one side, and none where all are equal', () => {
  const drift = control([4, 6, 4, 6, 4, 6, 4, 6, 8, 10, 8, 10, 8, 10, 8, 10]);
  expect(drift?.out[7]).toBe(true);
  expect(drift?.out[6]).toBe(false);
  expect(drift?.out[15]).toBe(true);
  expect(control([3, 3, 3, 3, 3, 3, 3, 3])?.out.some(Boolean)).toBe(false);
});
