/** The picture of a lead or a person, and the groups of the newest data. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { read } from '../../api/client';
import { asked, type RelationsSearch } from './search';

export function useRelations(search: RelationsSearch) {
  const query = asked(search);
  const { lead, person } = search;
  return useQuery({
    queryKey: ['relations', lead ?? '', person ?? '', query],
    queryFn: ({ signal }) => (lead ? read('/leads/{id}/relations', { path: { id: lead }, query, signal }) : read('/persons/{code}/relations', { path: { code: person ?? '' }, query, signal })),
    placeholderData: keepPreviousData,
    staleTime: 300_000,
  });
}

export function useGroups() {
  return useQuery({ queryKey: ['relation-groups'], queryFn: ({ signal }) => read('/relations', { signal }), staleTime: 300_000 });
}
