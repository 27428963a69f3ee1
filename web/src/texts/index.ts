/**
 * All words of the pages. Keys are typed by zh-CN.json; en.json holds the same keys (a test says so) and loads only when asked for.
 *
 * `{name}` takes a value; `{n, plural, one {# lead} other {# leads}}` counts (Chinese needs none).
 */
import zh from './zh-CN.json';

export type Key = keyof typeof zh;
export type Language = 'zh-CN' | 'en';
export type Values = Record<string, string | number>;

const PLACE = 'mingjian.language';
const tables: Partial<Record<Language, Record<string, string>>> = { 'zh-CN': zh };
let current: Language = 'zh-CN';

export function language(): Language {
  return current;
}

export function storedLanguage(): Language {
  return localStorage.getItem(PLACE) === 'en' ? 'en' : 'zh-CN';
}

export async function speak(wanted: Language): Promise<void> {
  if (!tables[wanted]) tables[wanted] = (await import('./en.json')).default;
  current = wanted;
  localStorage.setItem(PLACE, wanted);
  document.documentElement.lang = wanted;
  document.title = t('app.name');
}

const PLURAL = /\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}/g;

export function fill(template: string, values: Values): string {
  return template
    .replace(PLURAL, (_, name: string, one: string, other: string) => {
      const n = values[name] ?? 0;
      return (Number(String(n).replace(/,/g, '')) === 1 ? one : other).replace(/#/g, String(n));
    })
    .replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: Key, values: Values = {}): string {
  return fill(tables[current]?.[key] ?? zh[key], values);
}

/** All words whose key begins so, by the rest of the key: for a choice of identifiers. */
export function words(prefix: string): [string, string][] {
  return Object.keys(zh)
    .filter((key) => key.startsWith(prefix))
    .map((key) => [key.slice(prefix.length), word(key, key)]);
}

/** For identifiers the server may add to before we know a word for them: the word, or what stands in `otherwise`. */
export function word(key: string, otherwise: string): string {
  return tables[current]?.[key] ?? (zh as Record<string, string>)[key] ?? otherwise;
}
