import type { Recovery } from '../api/contract';
import type { Key } from '../texts';

/** What a row waits for: before payment it is to be refused, after it to be recovered. The two are never mixed. */
export function stateTitle(row: Pick<Recovery, 'road' | 'state'>): Key {
  return row.road === 'refuse' && row.state === 'due' ? 'recovery.refuse_due' : `recovery.${row.state}`;
}
