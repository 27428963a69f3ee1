/** The list a lead was opened from, for `[` and `]` on its page. */
const PLACE = 'mingjian.list';

export function holdList(ids: string[]): void {
  sessionStorage.setItem(PLACE, ids.join(' '));
}

export function neighbours(id: string): { prev?: string; next?: string; at: number; of: number } {
  const ids = (sessionStorage.getItem(PLACE) ?? '').split(' ').filter(Boolean);
  const at = ids.indexOf(id);
  if (at < 0) return { at: 0, of: 0 };
  return { prev: ids[at - 1], next: ids[at + 1], at: at + 1, of: ids.length };
}
