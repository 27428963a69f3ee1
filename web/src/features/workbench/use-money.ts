/** The ledger's sums and its rows that are still open. */
import { useQuery } from '@tanstack/react-query';
import { read } from '../../api/client';

export function useMoney(state?: 'due' | 'part' | 'overdue', enabled = true) {
  return useQuery({ queryKey: ['recoveries', { state }], queryFn: ({ signal }) => read('/recoveries', { query: { state }, signal }), enabled });
}
