import { describe, expect, it } from 'vitest';
import type { User } from '../../api/contract';
import { needsCare } from './care';

function user(account: string, more: Partial<User>): User {
  return { account, name: account, roles: ['auditor'], role_titles: [], region: '', institutions: [], state: 'active', totp: false, linked: false, version: 1, last_login: '2026-04-01 08:00:00', ...more };
}

describe('needsCare', () => {
  it('tells of the locked first, of those that end soon and those never used', () => {
    const found = needsCare([user('a', {}), user('b', { expires: '2026-05-10' }), user('c', { expires: '2026-06-10' }), user('d', { last_login: undefined }), user('e', { state: 'locked' })], '2026-04-14');
    expect(found.map((one) => [one.user.account, one.why])).toEqual([
      ['e', ['locked']],
      ['b', ['expiring']],
      ['d', ['unused']],
    ]);
  });
  it('leaves out who is disabled anyway', () => {
    expect(needsCare([user('a', { state: 'disabled', last_login: undefined }), user('b', { state: 'expired', expires: '2026-01-01' })], '2026-04-14')).toEqual([]);
  });
});
