/** How many exports wait for this person's word: the number beside the menu's entry. */
import { useQuery } from '@tanstack/react-query';
import { read } from '../../api/client';
import type { Me } from '../../api/contract';

export function useWaitingExports(me: Me): number {
  const query = useQuery({
    queryKey: ['exports', 'waiting'],
    queryFn: ({ signal }) => read('/exports', { query: { of: 'others', waiting: 1, limit: 1 }, signal }),
    enabled: me.acts.includes('exports.approve'),
    refetchInterval: 60_000,
  });
  return query.data?.waiting ?? 0;
}
