import { describe, expect, it } from 'vitest';

const sheets = import.meta.glob<string>('./**/*.css', { query: '?raw', import: 'default', eager: true });
const sources = Object.entries(import.meta.glob<string>('./**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true })).filter(([path]) => !/\.test\.|\.d\.ts$/.test(path));

const text = sources.map(([, code]) => code).join('\n');
/** What is written in quotes or back-ticks: where class names stand. */
const words = sources.flatMap(([, code]) => code.match(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g) ?? []).join('\n');

function classesOf(sheet: string): string[] {
  const rules = sheet.replace(/\/\*[^]*?\*\//g, '');
  const selectors = [...rules.matchAll(/([^{}]+)\{/g)].map((found) => found[1] ?? '').filter((selector) => !selector.trim().startsWith('@'));
  return [...new Set(selectors.flatMap((selector) => [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map((found) => found[1] ?? '')))].filter((name) => !name.startsWith('ant'));
}

/** Written out, or put together from a beginning: `tag-${kind}`. */
function used(name: string): boolean {
  if (new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(words)) return true;
  const cut = name.lastIndexOf('-');
  return cut > 0 && text.includes(`${name.slice(0, cut + 1)}\${`);
}

/** The sheets a source imports, as paths from here. */
function imported(path: string, code: string): string[] {
  return [...code.matchAll(/^import '(\.[^']*\.css)';$/gm)].map((found) => `.${new URL(found[1] ?? '', `file:/${path.slice(2)}`).pathname}`);
}

describe('styles', () => {
  it('hold no class that nothing uses', () => {
    expect(Object.keys(sheets).length).toBeGreaterThan(10);
    expect(Object.entries(sheets).flatMap(([path, sheet]) => classesOf(sheet).filter((name) => !used(name)).map((name) => `${path}: .${name}`))).toEqual([]);
  });

  it('of a feature are imported by that feature alone', () => {
    const users = sources.flatMap(([path, code]) => imported(path, code).map((sheet) => ({ path, sheet })));
    const wrong = Object.keys(sheets).filter((sheet) => {
      const by = users.filter((one) => one.sheet === sheet);
      const feature = /^\.\/features\/\w+\//.exec(sheet)?.[0];
      return by.length === 0 || (feature !== undefined && by.some((one) => !one.path.startsWith(feature)));
    });
    expect(wrong).toEqual([]);
  });
});
