import { describe, expect, it } from 'vitest';
import type { Finding } from '../../api/contract';
import { together } from './together';

const finding = (id: string, cluster_id: string): Finding => ({
  id, cluster_id, rule: { id: 'N027', title: '', class: '', version: 1 }, result: '违规', band: 'core', kind: '', text: '', amount_fen: 100, first_time: '', last_time: '', counted: true, counted_fen: 100, gone: false,
});
const [a, b, c] = [finding('a', '1'), finding('b', '1'), finding('c', '2')];
const all = [a, b, c];

describe('findings to split off', () => {
  it('takes what is on the same money along, and leaves it with it', () => {
    expect(together(all, [], a, true)).toEqual(['a', 'b']);
    expect(together(all, ['c'], b, true)).toEqual(['c', 'a', 'b']);
    expect(together(all, ['c', 'a', 'b'], b, false)).toEqual(['c']);
  });
});
