/** Keys of the acts in the auditor's loop: one table for buttons, help and the lists. */
const KEYS: Record<string, string> = {
  assign: 'a',
  take: 'a',
  send: 'f',
  drop: 'd',
};

export function keyOf(act: string): string | undefined {
  return KEYS[act];
}

/** Acts that move a lead on, in the order of the way; the others stand under "more". */
const ONWARD = [
  'take', 'assign', 'send', 'drop', 'receipt', 'reply', 'review', 'confirm', 'conclude', 'accept', 'again', 'convene', 'skip_panel', 'vote', 'decide', 'restore',
];

export function isOnward(act: string): boolean {
  return ONWARD.includes(act);
}
