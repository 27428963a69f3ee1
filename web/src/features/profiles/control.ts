/**
 * A chart of individual values against limits out of their own past (单值-移动极差图): mean ± 2.66 × the mean of the steps from one value to the
 * next (Shewhart's constant 3 / 1.128). What changed matters, not the level: a value outside, or eight in a row on one side of the mean, is no
 * accident of a single month.
 */
export type Control = { mean: number; low: number; high: number; out: boolean[] };

const STEPS = 2.66;
const RUN = 8;
/** Fewer values say nothing of how much they usually differ. */
export const LEAST = 6;

export function control(values: number[]): Control | undefined {
  if (values.length < LEAST) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const steps = values.slice(1).map((value, i) => Math.abs(value - (values[i] ?? value)));
  const spread = STEPS * (steps.reduce((sum, step) => sum + step, 0) / steps.length);
  const side = values.map((value) => Math.sign(value - mean));
  const out = values.map((value, i) => {
    if (Math.abs(value - mean) > spread) return true;
    const last = side.slice(Math.max(0, i - RUN + 1), i + 1);
    return last.length === RUN && last[0] !== 0 && last.every((one) => one === last[0]);
  });
  return { mean, low: Math.max(0, mean - spread), high: mean + spread, out };
}
