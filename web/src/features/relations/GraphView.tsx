/**
 * 图: nodes where the server put them, so that the picture in the file is this one. One node takes the Tab; arrows go along edges, Enter
 * chooses.
 */
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { RelationEdge, RelationNode, Relations } from '../../api/contract';
import { t } from '../../texts';
import { along, named, neighboursOf, type Arrow } from './near';
import { Shape } from './Shape';

/** Room for names, which stand below the shapes and reach past them. */
const SIDE = 48;
const BELOW = 28;

type Props = { data: Relations; chosen: string | undefined; choose: (node: string | undefined) => void };

export function GraphView({ data, chosen, choose }: Props): ReactNode {
  const box = useRef<SVGSVGElement>(null);
  const [at, setAt] = useState<string | undefined>(chosen);
  const { nodes, edges } = data;
  const held = nodes.some((node) => node.id === at) ? at : nodes[0]?.id;
  const light = nodes.some((node) => node.id === chosen) ? chosen : undefined;
  const near = light ? neighboursOf(light, edges) : undefined;
  const lit = (id: string) => near === undefined || id === light || near.has(id);
  const place = new Map(nodes.map((node) => [node.id, node]));
  const onKey = (event: KeyboardEvent, id: string) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(id);
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      event.stopPropagation();
      const next = along(event.key as Arrow, id, nodes, edges);
      if (!next) return;
      setAt(next);
      box.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
    }
  };
  // Common days lie above other edges, the chosen node's above all.
  const drawn = [...edges].sort((a, b) => depth(a, light) - depth(b, light));
  return (
    <div className="graph" tabIndex={-1}>
      <svg ref={box} viewBox={`${-SIDE} 0 ${data.width + 2 * SIDE} ${data.height + BELOW}`} role="group" aria-label={t('relations.graph.label', { persons: data.order.length, core: data.core, edges: edges.filter((edge) => edge.link === 'together').length })}>
        <g aria-hidden="true">
          {drawn.map((edge) => {
            const from = place.get(edge.from);
            const to = place.get(edge.to);
            if (!from || !to) return null;
            const own = light === undefined ? '' : edge.from === light || edge.to === light ? 'own' : 'dim';
            return <line key={`${edge.from} ${edge.to}`} className={`edge edge-${edge.link} ${own}`} x1={from.x} y1={from.y} x2={to.x} y2={to.y} strokeWidth={width(edge)} />;
          })}
        </g>
        {nodes.map((node) => (
          <g
            key={node.id}
            data-node={node.id}
            className={`node node-${node.kind} ${node.standing ?? ''} ${node.id === light ? 'chosen' : ''} ${lit(node.id) ? '' : 'dim'}`}
            role="button"
            tabIndex={node.id === held ? 0 : -1}
            aria-pressed={node.id === light}
            aria-label={nodeWords(node, data)}
            onClick={() => {
              setAt(node.id);
              choose(node.id);
            }}
            onFocus={() => setAt(node.id)}
            onKeyDown={(event) => onKey(event, node.id)}
          >
            <title>{nodeWords(node, data)}</title>
            <circle className="halo" cx={node.x} cy={node.y} r={21} />
            <Shape kind={node.kind} x={node.x} y={node.y} size={1.2} />
            {named(node, nodes.length, near !== undefined && lit(node.id)) ? (
              <text x={node.x} y={node.y + (node.kind === 'pharmacy' ? 34 : 31)} textAnchor="middle">
                {node.label}
                {node.note ? <tspan className="node-note"> {node.kind === 'person' ? t('lead.age', { n: node.note }) : node.note}</tspan> : null}
              </text>
            ) : null}
          </g>
        ))}
      </svg>
      <p className="faint graph-keys no-print">{t('relations.graph.keys')}</p>
    </div>
  );
}

function depth(edge: RelationEdge, light: string | undefined): number {
  return (edge.link === 'together' ? 1 : 0) + (light !== undefined && (edge.from === light || edge.to === light) ? 2 : 0);
}

function width(edge: RelationEdge): number {
  return edge.link === 'together' ? 1.2 + Math.min(edge.count, 9) * 0.65 : 1 + Math.min(edge.count, 9) * 0.1;
}

/** What a node is, for who hears it. */
export function nodeWords(node: RelationNode, data: Relations): string {
  const note = node.note ? (node.kind === 'person' ? t('lead.age', { n: node.note }) : node.note) : '';
  const head = [t(`relations.kind.${node.kind}`), node.label, note, node.standing ? t(`relations.standing.${node.standing}`) : ''].filter(Boolean).join(' ');
  const met = node.kind === 'person' ? data.edges.filter((edge) => edge.link === 'together' && (edge.from === node.id || edge.to === node.id)) : [];
  const visits = t('relations.node.visits', { n: node.visits });
  return [head, visits, met.length > 0 ? t('relations.node.met', { n: met.length }) : ''].filter(Boolean).join(t('mark.comma'));
}
