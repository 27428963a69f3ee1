import { describe, expect, it } from 'vitest';
import { t } from '../texts';
import { stateTitle } from './recovery';

describe('state of a row of the ledger', () => {
  it('says what it waits for, by its road', () => {
    expect(t(stateTitle({ road: 'refuse', state: 'due' }))).toBe('待拒付');
    expect(t(stateTitle({ road: 'recover', state: 'due' }))).toBe('待追');
    expect(t(stateTitle({ road: 'refuse', state: 'closed' }))).toBe('已结清');
  });
});
