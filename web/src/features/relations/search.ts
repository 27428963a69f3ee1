/** What the address of the page holds: what it is about, how it was asked, which view and node are open. */

export type RelationsView = 'graph' | 'matrix' | 'list';

export type RelationsSearch = {
  lead?: string;
  person?: string;
  view?: RelationsView;
  degree?: 2;
  least?: number;
  kinds?: 'all';
  from?: string;
  to?: string;
  /** Nodes left out, by comma, and why, by `|` in the same order. */
  without?: string;
  why?: string;
  /** The node that is chosen. */
  node?: string;
};

type Raw = Record<string, unknown>;
const VIEWS: RelationsView[] = ['graph', 'matrix', 'list'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function relationsSearch(raw: Raw): RelationsSearch {
  const text = (name: string) => {
    const value = raw[name];
    return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
  };
  const day = (name: string) => {
    const value = text(name);
    return value && DAY.test(value) ? value : undefined;
  };
  const least = Number(raw.least);
  return {
    lead: text('lead'),
    person: text('person'),
    view: VIEWS.find((view) => view !== 'graph' && view === raw.view),
    degree: Number(raw.degree) === 2 ? 2 : undefined,
    least: raw.least !== undefined && Number.isInteger(least) && least >= 1 && least <= 50 ? least : undefined,
    kinds: raw.kinds === 'all' ? 'all' : undefined,
    from: day('from'),
    to: day('to'),
    without: text('without'),
    why: text('why'),
    node: text('node'),
  };
}

/** What the server is asked: the address without what only the page needs. */
export function asked(search: RelationsSearch) {
  const { degree, least, kinds, from, to, without } = search;
  return { degree, least, kinds, from, to, without };
}

/** What a picture that leaves is asked by: around whom, how, and why nodes are left out of it. */
export function taken(search: RelationsSearch) {
  return { ...(search.lead ? { lead: search.lead } : { person: search.person }), ...asked(search), why: search.without ? search.why : undefined };
}

export type LeftOut = { id: string; why: string };

export function leftOut(search: RelationsSearch): LeftOut[] {
  const why = (search.why ?? '').split('|');
  return (search.without ?? '')
    .split(',')
    .filter(Boolean)
    .map((id, at) => ({ id, why: why[at] ?? '' }));
}

export function withLeftOut(list: LeftOut[]): Pick<RelationsSearch, 'without' | 'why'> {
  if (list.length === 0) return { without: undefined, why: undefined };
  return { without: list.map((one) => one.id).join(','), why: list.map((one) => one.why.replace(/\|/g, ' ').trim()).join('|') };
}
