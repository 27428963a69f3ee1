/** Keys of the acts in the auditor's loop: one table for buttons, help and the lists. */
const KEYS: Record<string, string> = {
  assign: 'a',
  send: 'f',
  drop: 'd',
};

export function keyOf(act: string): string | undefined {
  return KEYS[act];
}

export function actOf(key: string): string | undefined {
  return Object.keys(KEYS).find((act) => KEYS[act] === key);
}
