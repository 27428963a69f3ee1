/** Which nodes stand by which, and where an arrow key leads. */
import type { RelationEdge, RelationNode } from '../../api/contract';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

const WAYS: Record<Arrow, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Ids joined to a node by an edge, itself left out. */
export function neighboursOf(id: string, edges: RelationEdge[]): Set<string> {
  const near = new Set<string>();
  for (const edge of edges) {
    if (edge.from === id) near.add(edge.to);
    if (edge.to === id) near.add(edge.from);
  }
  return near;
}

/** Along an edge: the neighbour that lies most in the direction, the nearer of two alike; undefined where none lies there. */
export function along(arrow: Arrow, id: string, nodes: RelationNode[], edges: RelationEdge[]): string | undefined {
  const here = nodes.find((node) => node.id === id);
  if (!here) return nodes[0]?.id;
  const [wx, wy] = WAYS[arrow];
  const near = neighboursOf(id, edges);
  let best: { id: string; cost: number } | undefined;
  for (const node of nodes) {
    if (!near.has(node.id)) continue;
    const [dx, dy] = [node.x - here.x, node.y - here.y];
    const far = Math.hypot(dx, dy) || 1;
    const straight = (dx * wx + dy * wy) / far;
    // Within 60° of the arrow; what is straight ahead goes before what is near.
    if (straight < 0.5) continue;
    const cost = far * (2 - straight) ** 2;
    if (!best || cost < best.cost) best = { id: node.id, cost };
  }
  return best?.id;
}

/** Common days of two persons. */
export function together(one: string, other: string, edges: RelationEdge[]): RelationEdge | undefined {
  return edges.find((edge) => edge.link === 'together' && ((edge.from === one && edge.to === other) || (edge.from === other && edge.to === one)));
}

/** Fewer things near each other, so that labels do not lie on each other: all names up to so many nodes, then those of the group and of places. */
const NAMED = 46;

export function named(node: RelationNode, all: number, lit: boolean): boolean {
  return lit || all <= NAMED || node.standing === 'core' || node.kind === 'hospital';
}
