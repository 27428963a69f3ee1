/** Which lines of a claim stand open: the hit ones with their neighbours; runs without a hit fold, and so does what comes after many hits. */

export type Block = { kind: 'line'; at: number } | { kind: 'fold'; from: number; to: number; hits: number };

/** Neighbours of a hit that stay visible on each side. */
const AROUND = 1;
/** A run shorter than this is not worth a fold. */
const LEAST = 3;

/**
 * `from` and `to` are inclusive places in the list. `most` is the number of hits after which the rest folds; a fold says how many
 * hits it hides. A claim without a hit (the finding rests on other tables) shows its first lines.
 */
export function fold(hits: boolean[], most = 12): Block[] {
  const shown = hits.map(() => false);
  let seen = 0;
  hits.forEach((hit, at) => {
    if (!hit || seen >= most) return;
    seen += 1;
    for (let near = Math.max(0, at - AROUND); near <= Math.min(hits.length - 1, at + AROUND); near += 1) shown[near] = true;
  });
  if (seen === 0) shown.fill(true, 0, Math.min(5, hits.length));
  const blocks: Block[] = [];
  let at = 0;
  while (at < hits.length) {
    let to = at;
    while (!shown[at] && to + 1 < hits.length && !shown[to + 1]) to += 1;
    const hidden = hits.slice(at, to + 1).filter(Boolean).length;
    if (!shown[at] && (to - at + 1 >= LEAST || hidden > 0)) {
      blocks.push({ kind: 'fold', from: at, to, hits: hidden });
    } else {
      for (let line = at; line <= to; line += 1) blocks.push({ kind: 'line', at: line });
    }
    at = to + 1;
  }
  return blocks;
}
