/** Knowledge points as findings name them: `table:row key [valid from–to]`. */
import { t } from '../../texts';

/** The key and its validity in words: `07-410`, `S01（2024-01-01 起）`; open on both sides it is left out. */
export function pointName(label: string): string {
  const [, key = label, from = '', to = ''] = /^(?:\w+:)?(.*?)\s*(?:\[([\d-]*)–([\d-]*)\])?$/.exec(label) ?? [];
  if (from && to) return t('point.between', { key, from, to });
  if (from) return t('point.from', { key, from });
  return to ? t('point.to', { key, to }) : key;
}
