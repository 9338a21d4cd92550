// What the launcher says: one line an event, on the terminal and in .costlane/logs/launcher.log.
import { appendFileSync, chmodSync, existsSync } from 'node:fs';

const heartbeatMs = 10_000;
let logFile = null;

/** From now on every line is also appended to this file; null ends that. */
export function logTo(file) {
  logFile = file;
  // Earlier versions made it readable for everybody.
  if (file !== null && existsSync(file)) chmodSync(file, 0o600);
}

/** Prints one line on the terminal alone: what must not be found in a log. */
export function tell(line) {
  process.stdout.write(`${line}\n`);
}

/** Prints one line. */
export function say(line) {
  process.stdout.write(`${line}\n`);
  if (logFile === null) return;
  try {
    appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  } catch {
    // The folder was removed under us; the terminal still has the line.
    logFile = null;
  }
}

/** Seconds with one decimal, as `3.2 s`. */
export function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/**
 * Runs one step: says when it begins, every ten seconds that it still runs (with what `detail` returns), and how long it took.
 * Rethrows what the step throws.
 */
export async function step(label, run, detail = () => '') {
  const startedAt = Date.now();
  say(`  ${label} …`);
  const heartbeat = setInterval(() => {
    const more = detail();
    say(`  ${label} … still at it after ${Math.round((Date.now() - startedAt) / 1000)} s${more ? `: ${more}` : ''}`);
  }, heartbeatMs);
  try {
    const result = await run();
    const tookMs = Date.now() - startedAt;
    if (tookMs >= 300) say(`  ${label}: done in ${seconds(tookMs)}`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}
