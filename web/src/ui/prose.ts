/** Plain words of a rule as they stand in its file: paragraphs, and lines that begin with a dash. Lines are broken for the file, not the reader. */
export type Block = { kind: 'text'; text: string } | { kind: 'list'; items: string[] };

/** Between Chinese characters a broken line joins without a space. */
function join(before: string, after: string): string {
  return /[\u0021-\u024f]$/.test(before) && /^[\u0021-\u024f]/.test(after) ? `${before} ${after}` : before + after;
}

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let open = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const last = found[found.length - 1];
    const item = /^[-*] +(.*)$/.exec(line)?.[1];
    if (line === '') open = false;
    else if (item !== undefined) {
      if (last?.kind === 'list' && open) last.items.push(item);
      else found.push({ kind: 'list', items: [item] });
      open = true;
    } else if (open && last?.kind === 'list') last.items.push(join(last.items.pop() ?? '', line));
    else if (open && last?.kind === 'text') last.text = join(last.text, line);
    else {
      found.push({ kind: 'text', text: line });
      open = true;
    }
  }
  return found;
}
