import { describe, expect, it } from 'vitest';
import type { RelationEdge, RelationNode } from '../../api/contract';
import { along, named, neighboursOf, together } from './near';
import { asked, leftOut, relationsSearch, withLeftOut } from './search';

const node = (id: string, x: number, y: number, more: Partial<RelationNode> = {}): RelationNode => ({ id, kind: 'person', code: id, label: id, note: '', x, y, visits: 1, amount_fen: 0, fund_fen: 0, ...more });
const edge = (from: string, to: string, link: RelationEdge['link'] = 'together'): RelationEdge => ({ from, to, link, count: 3, days: [], visits: [], places: [], fund_fen: 0 });

const nodes = [node('a', 100, 100), node('b', 300, 110), node('c', 100, 300), node('d', 320, 100), node('e', 0, 100)];
const edges = [edge('a', 'b'), edge('c', 'a', 'treated'), edge('a', 'd')];

describe('arrows', () => {
  it('lead along edges, the nearer of two in line first', () => {
    expect(along('ArrowRight', 'a', nodes, edges)).toBe('b');
    expect(along('ArrowDown', 'a', nodes, edges)).toBe('c');
    expect(along('ArrowLeft', 'b', nodes, edges)).toBe('a');
  });

  it('stay where no edge leads that way', () => {
    expect(along('ArrowLeft', 'a', nodes, edges)).toBeUndefined();
    expect(along('ArrowUp', 'a', nodes, edges)).toBeUndefined();
  });
});

describe('neighbours', () => {
  it('are those on edges', () => {
    expect([...neighboursOf('a', edges)]).toEqual(['b', 'c', 'd']);
    expect(together('b', 'a', edges)?.count).toBe(3);
    expect(together('a', 'c', edges)).toBeUndefined();
  });

  it('are named as long as there is room', () => {
    expect(named(node('x', 0, 0), 20, false)).toBe(true);
    expect(named(node('x', 0, 0, { standing: 'fringe' }), 200, false)).toBe(false);
    expect(named(node('x', 0, 0, { standing: 'core' }), 200, false)).toBe(true);
  });
});

describe('the address', () => {
  it('keeps what makes sense and nothing else', () => {
    expect(relationsSearch({ lead: 'XS2026-000001', view: 'matrix', degree: 2, least: '3', kinds: 'all', from: '2026-01-01', to: 'x' })).toMatchObject({ lead: 'XS2026-000001', view: 'matrix', degree: 2, least: 3, kinds: 'all', from: '2026-01-01', to: undefined });
    expect(relationsSearch({ degree: 1, least: 99, view: 'graph', kinds: 'stays' })).toMatchObject({ degree: undefined, least: undefined, view: undefined, kinds: undefined });
    expect(asked({ lead: 'x', least: 2, node: 'person:1' })).toEqual({ degree: undefined, least: 2, kinds: undefined, from: undefined, to: undefined, without: undefined });
  });

  it('carries who was left out and why', () => {
    const list = [{ id: 'person:1', why: '住在同村|且' }, { id: 'doctor:2', why: 'x' }];
    const search = withLeftOut(list);
    expect(leftOut(search)).toEqual([{ id: 'person:1', why: '住在同村 且' }, { id: 'doctor:2', why: 'x' }]);
    expect(withLeftOut([])).toEqual({ without: undefined, why: undefined });
  });
});
