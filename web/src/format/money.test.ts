import { describe, expect, it } from 'vitest';
import { price, share, toFen, wan, yuan } from './money';

describe('money', () => {
  it('keeps every fen and groups thousands', () => {
    expect(yuan(0)).toBe('0.00');
    expect(yuan(5)).toBe('0.05');
    expect(yuan(192000)).toBe('1,920.00');
    expect(yuan(123456789012)).toBe('1,234,567,890.12');
    expect(yuan(-105)).toBe('-1.05');
  });

  it('rounds ten thousands half up', () => {
    expect(wan(386420000)).toBe('386.42');
    expect(wan(5000)).toBe('0.01');
    expect(wan(4999)).toBe('0.00');
    expect(wan(-5000)).toBe('-0.01');
  });

  it('takes only amounts of whole fen', () => {
    expect(toFen('1,920.5')).toBe(192050);
    expect(toFen('0.07')).toBe(7);
    expect(toFen('19.99')).toBe(1999);
    expect(toFen('1.005')).toBeUndefined();
    expect(toFen('-1')).toBeUndefined();
    expect(toFen('')).toBeUndefined();
    expect(toFen('1e3')).toBeUndefined();
  });

  it('gives what it printed back', () => {
    for (const fen of [1, 99, 100, 12345, 99999999]) expect(toFen(yuan(fen))).toBe(fen);
  });

  it('shows prices with the decimals they were billed with', () => {
    expect(price('40')).toBe('40.00');
    expect(price('12.6')).toBe('12.60');
    expect(price('0.1234')).toBe('0.1234');
    expect(price('')).toBe('');
  });

  it('has no share of nothing', () => {
    expect(share(1, 0)).toBe('—');
    expect(share(741, 1000)).toBe('74.1%');
  });
});
