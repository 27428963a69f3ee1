import { describe, expect, it } from 'vitest';
import { fill } from '.';
import en from './en.json';
import zh from './zh-CN.json';

const HAN = /[\u4e00-\u9fff]/;
/** Verdicts as the interface names them: data, not words. */
const DATA = /['"[ ,({:]*(违规|可疑|提醒)['",\])} :;]*/g;

const files = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const code = Object.entries(files)
  .filter(([path]) => !path.includes('.test.'))
  .map(([path, text]) => ({ path, text }));

describe('words', () => {
  it('are the same keys in both languages, none empty', () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
    for (const table of [zh, en]) expect(Object.entries(table).filter(([, text]) => text === '')).toEqual([]);
  });

  it('take the same values in both languages', () => {
    const names = (text: string) => new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((found) => found[1]));
    const other: Record<string, string> = en;
    for (const [key, text] of Object.entries(zh)) {
      for (const name of names(other[key] ?? '')) expect(names(text), key).toContain(name);
    }
  });

  it('stand in no code', () => {
    expect(code.length).toBeGreaterThan(50);
    const found = code.flatMap(({ path, text }) =>
      text
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/^\s*\/\/.*$/gm, '')
        .replace(DATA, '')
        .replace(/'中文'/g, '')
        .split('\n')
        .filter((line) => HAN.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it('are all used', () => {
    const all = code.map(({ text }) => text).join('\n');
    // Keys that are put together from what the server says.
    const made = /^(status|subject|result|reason|role|event|object|problem|appeal|visit|column|national|rule\.status|rule\.class|conclusion|entry|recovery|campaign|road|lane|job|right|exports|login\.failed|reviews\.stage|user|kin|relations\.view|relations\.kind|relations\.standing|relations\.link)\./;
    expect(Object.keys(zh).filter((key) => !made.test(key) && !all.includes(`'${key}'`))).toEqual([]);
  });

  it('count', () => {
    expect(fill('{n, plural, one {# day} other {# days}} left', { n: 1 })).toBe('1 day left');
    expect(fill('{n, plural, one {# day} other {# days}} left', { n: '1,284' })).toBe('1,284 days left');
    expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });
});
