/** 任务: what runs, told by the server as it goes. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { address, newKey, read, write } from '../../api/client';
import type { Job, JobKind } from '../../api/contract';

const KEY = ['jobs'];
const EVENTS = ['message', 'job', 'progress', 'end', 'done'];

export function useJobs() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => read('/jobs', { signal }) });
}

export function useStart() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (kind: JobKind) => write('POST /jobs', { body: { kind }, key: newKey() }),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEY }),
  });
}

export function useCancel() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => write('DELETE /jobs/{id}', { path: { id } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEY }),
  });
}

export function useResume() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => write('POST /jobs/{id}/resume', { path: { id }, key: newKey() }),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEY }),
  });
}

function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'id' in value && 'state' in value && 'done' in value;
}

/** Follows the events of a running job and puts each state into the list; the list is read again when the stream ends. */
export function useFollow(id: string | undefined): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!id || typeof EventSource === 'undefined') return;
    const source = new EventSource(address('/jobs/{id}/events', { id }));
    const onEvent = (event: MessageEvent<string>) => {
      let told: unknown;
      try {
        told = JSON.parse(event.data);
      } catch {
        return;
      }
      if (!isJob(told)) return;
      const job = told;
      cache.setQueryData<{ items: Job[] }>(KEY, (old) => (old ? { items: old.items.map((one) => (one.id === job.id ? job : one)) } : old));
      if (job.state !== 'running') {
        source.close();
        for (const name of ['runs', 'imports', 'quality', 'leads', 'workbench', 'summary', 'rules', 'me']) void cache.invalidateQueries({ queryKey: [name] });
      }
    };
    for (const name of EVENTS) source.addEventListener(name, onEvent);
    source.onerror = () => {
      source.close();
      void cache.invalidateQueries({ queryKey: KEY });
    };
    return () => source.close();
  }, [id, cache]);
}
