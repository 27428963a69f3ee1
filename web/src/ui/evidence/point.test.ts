import { describe, expect, it } from 'vitest';
import { pointName } from './point';

describe('pointName', () => {
  it('leaves out the table, and a validity open on both sides', () => {
    expect(pointName('item_frequency:08-1-006 [–]')).toBe('08-1-006');
    expect(pointName('07-410')).toBe('07-410');
  });
  it('says from when and until when', () => {
    expect(pointName('caps:S01 [2024-01-01–]')).toBe('S01（2024-01-01 起）');
    expect(pointName('caps:S01 [–2025-12-31]')).toBe('S01（至 2025-12-31）');
    expect(pointName('caps:S01 床位 [2024-01-01–2025-12-31]')).toBe('S01 床位（2024-01-01 至 2025-12-31）');
  });
});
