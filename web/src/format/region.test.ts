import { describe, expect, it } from 'vitest';
import { regionName } from './region';

describe('regionName', () => {
  const names = { '6103': '明州市', '610302': '东关县', '61': '某省' };
  it('is the name of the code, or of the nearest region around it with the code', () => {
    expect(regionName('6103', names)).toBe('明州市');
    expect(regionName('610302', names)).toBe('东关县');
    expect(regionName('610326', names)).toBe('明州市 610326');
  });
  it('takes the code of a whole region for that region', () => {
    expect(regionName('610300', names)).toBe('明州市');
    expect(regionName('6103', { '610300': '明州市' })).toBe('明州市');
  });
  it('is the code where nothing names it', () => {
    expect(regionName('330900', names)).toBe('330900');
    expect(regionName('6103', undefined)).toBe('6103');
  });
});
