import { expect, it } from 'vitest';
import type { Rights } from '../../api/contract';
import { effective } from './rights';

const RIGHTS: Rights = {
  roles: [
    { code: 'auditor', title: 'A', reach: 'region', apart: ['finance'] },
    { code: 'finance', title: 'F', reach: 'region', apart: ['auditor'] },
    { code: 'expert', title: 'E', reach: 'lead', apart: [] },
  ],
  acts: [
    { id: 'leads.read', title: 'read', roles: ['auditor', 'expert'] },
    { id: 'leads.check', title: 'check', roles: ['auditor'] },
    { id: 'recoveries.book', title: 'book', roles: ['finance'] },
  ],
};

it('says what is gained and what is lost', () => {
  const { acts, reaches, clash } = effective(RIGHTS, ['expert'], ['auditor']);
  expect(acts).toEqual([{ id: 'leads.read', title: 'read' }, { id: 'leads.check', title: 'check', change: 'lost' }]);
  expect(reaches).toEqual([{ role: 'E', reach: 'lead' }]);
  expect(clash).toBeUndefined();
  expect(effective(RIGHTS, ['auditor', 'finance'], []).clash).toEqual(['A', 'F']);
});
