/** Query hooks that more than one area of the pages uses. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { newKey, read, write } from './client';
import type { ActBody, BatchBody, LeadDetail, LeadQuery } from './contract';

export function useLeads(query: LeadQuery, enabled = true) {
  return useQuery({
    queryKey: ['leads', query],
    queryFn: ({ signal }) => read('/leads', { query, signal }),
    placeholderData: keepPreviousData,
    enabled,
  });
}

export function useLead(id: string | undefined) {
  return useQuery({
    queryKey: ['lead', id],
    queryFn: ({ signal }) => read('/leads/{id}', { path: { id: id ?? '' }, signal }),
    enabled: id !== undefined,
  });
}

export function useEvidence(finding: string | undefined) {
  return useQuery({
    queryKey: ['evidence', finding],
    queryFn: ({ signal }) => read('/findings/{id}/evidence', { path: { id: finding ?? '' }, signal }),
    enabled: finding !== undefined,
    staleTime: 300_000,
  });
}

export function useTimeline(finding: string | undefined) {
  return useQuery({
    queryKey: ['timeline', finding],
    queryFn: ({ signal }) => read('/findings/{id}/timeline', { path: { id: finding ?? '' }, signal }),
    enabled: finding !== undefined,
    staleTime: 300_000,
  });
}

export function useWorkbench() {
  return useQuery({ queryKey: ['workbench'], queryFn: ({ signal }) => read('/workbench', { signal }) });
}

export function useSummary(by: 'rule' | 'institution' | 'week', enabled = true) {
  return useQuery({ queryKey: ['summary', by], queryFn: ({ signal }) => read('/summary', { query: { by }, signal }), staleTime: 60_000, enabled });
}

export function useRules(enabled = true) {
  return useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => read('/rules', { signal }), staleTime: 300_000, enabled });
}

/** What else shows leads and must be read again after an act. */
const TOUCHED = ['leads', 'workbench', 'summary', 'recoveries', 'own'];

export function useAct(lead: string, act: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: ActBody; key: string }) => write('POST /leads/{id}/acts/{act}', { path: { id: lead, act }, body, key }),
    onSuccess: (detail: LeadDetail) => {
      cache.setQueryData(['lead', lead], detail);
      for (const name of TOUCHED) void cache.invalidateQueries({ queryKey: [name] });
    },
  });
}

export function useBatch(act: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: BatchBody) => write('POST /leads/acts/{act}', { path: { act }, body, key: newKey() }),
    onSuccess: () => {
      for (const name of [...TOUCHED, 'lead']) void cache.invalidateQueries({ queryKey: [name] });
    },
  });
}
