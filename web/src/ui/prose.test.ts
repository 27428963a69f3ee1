import { describe, expect, it } from 'vitest';
import { blocks } from './prose';

describe('blocks', () => {
  it('joins lines broken for the file, without a space between Chinese', () => {
    expect(blocks('超过在\n院小时数。\n\n第二段 of two\nwords')).toEqual([
      { kind: 'text', text: '超过在院小时数。' },
      { kind: 'text', text: '第二段 of two words' },
    ]);
  });
  it('makes a list of dashed lines, each with the lines that go on with it', () => {
    expect(blocks('以下不报：\n- 转科当日，\n  各半日的。\n- 病情变化的。')).toEqual([
      { kind: 'text', text: '以下不报：' },
      { kind: 'list', items: ['转科当日，各半日的。', '病情变化的。'] },
    ]);
  });
  it('has nothing for nothing', () => expect(blocks(' \n')).toEqual([]));
});
