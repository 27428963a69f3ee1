import { describe, expect, it } from 'vitest';
import { frozen } from './ExportButton';

describe('the filter of an export', () => {
  it('is the list without a place in it', () => {
    expect(frozen({ status: 'new,check', q: '', due: 3, mine: undefined, after: 'x', limit: 50, open: 'L1' })).toEqual({ status: 'new,check', due: 3 });
  });
});
