// What was tried and how it went: one line a step, a count at the end. A step that fails does not end the run unless others rest on it.
import { writeFileSync } from 'node:fs';

const failures = [];
let done = 0;

/** Ends a part early: what follows needs what failed. */
export class Broken extends Error {}

/** Runs one step and says how it went. `or` is told of a failure, to keep what can be looked at. */
export async function step(title, run, { or, needed = false } = {}) {
  const begun = performance.now();
  try {
    const note = await run();
    done += 1;
    say(`✓ ${title}${note ? `（${note}）` : ''} ${Math.round(performance.now() - begun)} ms`);
    return true;
  } catch (error) {
    if (error instanceof Broken) throw error;
    failures.push(title);
    say(`✗ ${title}`);
    const words = String(error?.message ?? error).split('\n').slice(0, 12);
    const place = String(error?.stack ?? '').split('\n').find((line) => line.includes('/tests/platform/') && !line.includes('report.mjs'));
    for (const line of [...words, place?.trim()].filter(Boolean)) say(`    ${line}`);
    await or?.(title, error);
    if (needed) throw new Broken(title);
    return false;
  }
}

/** A part of the run; one that breaks off counts as failed and the next goes on. */
export async function part(title, run) {
  say(`— ${title}`);
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Broken)) {
      failures.push(title);
      say(`✗ ${title}：${error?.stack ?? error}`);
    } else say(`    其余步骤以此为前提，未再进行`);
  }
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** The last line; whether all went well. */
export function ending(file) {
  say(failures.length === 0 ? `全部通过：${done} 步` : `${failures.length} 步未通过，${done} 步通过`);
  for (const title of failures) say(`  ✗ ${title}`);
  if (file) writeFileSync(file, JSON.stringify({ passed: done, failed: failures }));
  return failures.length === 0;
}
