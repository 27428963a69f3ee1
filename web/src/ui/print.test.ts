import { expect, it } from 'vitest';
import { printNumber } from './print';

it('a printing has its number', () => {
  expect(printNumber(new Date(2026, 3, 5, 9, 7), new Uint8Array([0x9f, 0x3a, 0x0c, 1]))).toEqual({ number: 'DY20260405-9f3a0c01', at: '2026-04-05 09:07' });
});
