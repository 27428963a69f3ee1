import { expect, test } from 'vitest';
import { daysBack } from './days';

test('a range holds today and crosses months and years', () => {
  expect(daysBack(new Date(2026, 2, 1, 23, 59), 7)).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(daysBack(new Date(2026, 0, 1, 0, 1), 30)).toEqual({ from: '2025-12-03', to: '2026-01-01' });
  expect(daysBack(new Date(2026, 0, 1), 1)).toEqual({ from: '2026-01-01', to: '2026-01-01' });
});
