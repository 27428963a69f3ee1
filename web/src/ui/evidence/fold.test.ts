import { describe, expect, it } from 'vitest';
import { fold } from './fold';

/** "." a line without a hit, "#" a hit; folds print as <first-last:hits>, counted from 1. */
function shape(lines: string, most?: number): string {
  return fold([...lines].map((mark) => mark === '#'), most)
    .map((block) => (block.kind === 'line' ? lines[block.at] : `<${block.from + 1}-${block.to + 1}:${block.hits}>`))
    .join('');
}

describe('fold', () => {
  it('shows a hit with its neighbours and folds the rest', () => {
    expect(shape('.....#.....')).toBe('<1-4:0>.#.<8-11:0>');
  });

  it('does not fold what is too short to be worth it', () => {
    expect(shape('..#..#')).toBe('..#..#');
    expect(shape('#...#')).toBe('#...#');
    expect(shape('#.....#')).toBe('#.<3-5:0>.#');
  });

  it('folds what comes after many hits and says how many it hides', () => {
    expect(shape('#.#.#.#.#', 2)).toBe('#.#.<5-9:3>');
    expect(shape('##', 1)).toBe('##');
  });

  it('hides no hit without saying so', () => {
    for (const lines of ['#'.repeat(30), '.#'.repeat(40), `${'#...'.repeat(12)}#`]) {
      const blocks = fold([...lines].map((mark) => mark === '#'), 5);
      const shown = blocks.filter((block) => block.kind === 'line' && lines[block.at] === '#').length;
      const hidden = blocks.reduce((sum, block) => sum + (block.kind === 'fold' ? block.hits : 0), 0);
      expect(shown + hidden).toBe([...lines].filter((mark) => mark === '#').length);
    }
  });

  it('covers every line once, in order', () => {
    const lines = '..#....##......#..';
    const covered = fold([...lines].map((mark) => mark === '#')).flatMap((block) =>
      block.kind === 'line' ? [block.at] : Array.from({ length: block.to - block.from + 1 }, (_, i) => block.from + i),
    );
    expect(covered).toEqual(lines.split('').map((_, i) => i));
  });

  it('opens with the first lines where nothing was hit', () => {
    expect(shape('..........')).toBe('.....<6-10:0>');
    expect(shape('')).toBe('');
  });
});
