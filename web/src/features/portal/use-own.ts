import { useQuery } from '@tanstack/react-query';
import { read } from '../../api/client';

/** 本院统计: nothing of any other institution is in it. */
export function useOwn() {
  return useQuery({ queryKey: ['own'], queryFn: ({ signal }) => read('/institution/summary', { signal }) });
}
