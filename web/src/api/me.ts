/** Who is logged in. A 401 of any call ends the session on the page too. */
import { QueryCache, MutationCache, QueryClient, useQuery } from '@tanstack/react-query';
import { ApiError, holdCsrf, read } from './client';
import { regionName } from '../format/region';
import type { Me } from './contract';

const KEY = ['me'];

function onError(error: unknown): void {
  if (error instanceof ApiError && error.problem.status === 401 && client.getQueryData(KEY)) {
    leave();
  }
}

export const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.problem.status < 500 && error.problem.status > 0),
    },
  },
});

/** Nothing of one person's session stays for the next; who is logged in is watched by the frame and only replaced. */
function forget(): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
}

export function enter(me: Me): void {
  holdCsrf(me.csrf);
  forget();
  client.setQueryData(KEY, me);
}

export function leave(): void {
  holdCsrf('');
  forget();
  client.setQueryData(KEY, null);
}

async function load(): Promise<Me | null> {
  try {
    const me = await read('/me');
    holdCsrf(me.csrf);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return null;
    throw error;
  }
}

export function useMeQuery() {
  return useQuery({ queryKey: KEY, queryFn: load, staleTime: Infinity });
}

export function useMe(): Me | undefined {
  return useMeQuery().data ?? undefined;
}

/** Names a code of a region for the person at the desk. */
export function useRegionName(): (code: string) => string {
  const names = useMe()?.region_names;
  return (code) => regionName(code, names);
}

/** Whether the menu entry or page is there for this person. The server decides again on every call. */
export function may(me: Me | undefined, act: string): boolean {
  return me !== undefined && me.acts.includes(act);
}
