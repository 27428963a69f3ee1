/** Kinds by shape: person ○, hospital ▭, pharmacy ◇, doctor △. */
import type { ReactNode } from 'react';
import type { RelationNode } from '../../api/contract';

export function Shape({ kind, x, y, size = 1 }: { kind: RelationNode['kind']; x: number; y: number; size?: number }): ReactNode {
  switch (kind) {
    case 'hospital':
      return <rect className="shape" x={x - 14 * size} y={y - 10 * size} width={28 * size} height={20 * size} rx={3} />;
    case 'pharmacy':
      return <path className="shape" d={`M${x} ${y - 13 * size}l${13 * size} ${13 * size}l${-13 * size} ${13 * size}l${-13 * size} ${-13 * size}z`} />;
    case 'doctor':
      return <path className="shape" d={`M${x} ${y - 12 * size}l${12 * size} ${21 * size}h${-24 * size}z`} />;
    case 'person':
      return <circle className="shape" cx={x} cy={y} r={9.5 * size} />;
  }
}
