import { afterAll, describe, expect, it } from 'vitest';
import { speak } from '../texts';
import { actTitle, roleTitles } from './titles';

describe('titles', () => {
  const offer = { act: 'take', title: '领办' };
  const who = { roles: ['auditor', 'made_up'], role_titles: ['稽核员', '新角色'] };
  afterAll(() => speak('zh-CN'));

  it('stand as the interface gives them in Chinese', () => {
    expect([actTitle(offer), roleTitles(who)]).toEqual(['领办', '稽核员、新角色']);
  });
  it('are in English on an English page, as far as there is a word', async () => {
    await speak('en');
    expect(actTitle(offer)).not.toMatch(/[\u4e00-\u9fff]/);
    expect(roleTitles(who)).toBe('Auditor, 新角色');
    expect(actTitle({ act: 'unheard_of', title: '新的一步' })).toBe('新的一步');
  });
});
