import { describe, expect, it } from 'vitest';
import type { Finding } from '../../api/contract';
import { answers, likewise, missing, sums, toAnswer, upheldWhereAccepted } from './lines';

const finding = (id: string, amount_fen: number, more: Partial<Finding> = {}): Finding => ({
  id, rule: { id: 'N027', title: '', class: '', version: 1 }, result: '违规', band: 'core', text: '', amount_fen, first_time: '', last_time: '', cluster_id: id, counted: true, counted_fen: amount_fen, gone: false, kind: '', ...more,
});
const REASONS = [{ code: 'clinical', title: '' }, { code: 'other', title: '' }];

describe('lines', () => {
  const led = [finding('a', 1000, { cluster_id: 'c' }), finding('b', 1000, { cluster_id: 'c', counted: false }), finding('d', 500)];

  it('asks for the leader of a cluster and answers for those that follow it', () => {
    expect(toAnswer(led).map((one) => one.id)).toEqual(['a', 'd']);
    const given = answers(led, { a: { conclusion: 'accept' }, d: { conclusion: 'appeal', reason: 'clinical' } });
    expect(given.map((one) => [one.finding_id, one.conclusion])).toEqual([['a', 'accept'], ['b', 'accept'], ['d', 'appeal']]);
  });

  it('charges what is partly upheld of a cluster once', () => {
    const given = answers(led, { a: { conclusion: 'partly', amount: '3.00', text: 'x' } });
    expect(given.map((one) => [one.finding_id, one.amount_fen])).toEqual([['a', 300], ['b', 0]]);
  });

  it('gives the lines that have no answer yet the answer of one, and no other', () => {
    const three = [finding('a', 1), finding('b', 1), finding('c', 1)];
    const drafts = { a: { conclusion: 'appeal' as const, reason: 'clinical', text: 'x' }, b: { conclusion: 'accept' as const } };
    const all = likewise(three, drafts, 'a');
    expect([all.b?.conclusion, all.c]).toEqual(['accept', drafts.a]);
    expect(likewise(three, {}, 'a')).toEqual({});
  });

  it('asks for a finding whose leader is in another lead', () => {
    expect(toAnswer([finding('x', 10, { counted: false, cluster_id: 'far' })]).map((one) => one.id)).toEqual(['x']);
  });

  it('says what is missing', () => {
    const one = finding('a', 1000);
    expect(missing(one, undefined, [])).toBe('line.need_conclusion');
    expect(missing(one, { conclusion: 'accept' }, REASONS)).toBeUndefined();
    expect(missing(one, { conclusion: 'appeal' }, REASONS)).toBe('line.need_reason');
    expect(missing(one, { conclusion: 'appeal', reason: 'clinical' }, REASONS)).toBeUndefined();
    expect(missing(one, { conclusion: 'appeal', reason: 'other' }, REASONS)).toBe('line.need_text');
    expect(missing(one, { conclusion: 'partly', text: 'x', amount: '10' }, [])).toBe('line.amount_range');
    expect(missing(one, { conclusion: 'partly', text: 'x', amount: '4.5' }, [])).toBeUndefined();
    expect(missing(one, { conclusion: 'withdraw', text: ' ' }, [])).toBe('line.need_text');
  });

  it('sums to the fen', () => {
    expect(sums([finding('a', 1000), finding('b', 333), finding('c', 1)], { a: { conclusion: 'partly', amount: '4.01' }, b: { conclusion: 'withdraw' } })).toEqual({ yes: 401, no: 932, open: 1 });
  });

  it('starts the second review from what the institution accepted', () => {
    expect(upheldWhereAccepted([{ finding_id: 'a', conclusion: 'accept' }, { finding_id: 'b', conclusion: 'appeal' }])).toEqual({ a: { conclusion: 'uphold' } });
  });
});
