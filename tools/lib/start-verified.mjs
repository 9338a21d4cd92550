// Starting a supervised server and waiting until it really answers.
import { readFileSync } from 'node:fs';
import { supervise } from './supervise.mjs';

const pollMs = 50;
/** A server that died this often before it answered once is not going to. */
const hopelessAfterFailures = 2;

/** The last lines that a process wrote into its log; empty when there are none. */
export function logTail(file, count = 6) {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim());
    return lines
      .slice(-count)
      .map((line) => `    ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}

/** Why a start failed, in a few words. */
export function describeFailure({ reason, tail }) {
  const last = tail.split('\n').at(-1)?.trim();
  return last ? `${reason}: ${last}` : reason;
}

/** Polls until `isReady` holds; false when `timeoutMs` pass or `isHopeless` says so first. */
export async function waitUntil(isReady, { timeoutMs, isHopeless = () => false }) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await isReady()) return true;
    if (isHopeless()) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return false;
}

/**
 * Supervises `spec` and waits until `isReady()`; resolves with `{ process }`, or, having stopped it again, with `{ reason, tail }`.
 * `context` = `{ guard, onChange, track }`; `track` is told of the process at once, so that an abort in between stops it too.
 */
export async function startVerified(spec, context, { isReady, timeoutMs }) {
  const process = supervise({ ...spec, isQuietUntilReady: true }, context);
  context.track?.(process);
  const isUp = await waitUntil(async () => process.pid() !== null && (await isReady()), {
    timeoutMs,
    isHopeless: () => process.failures() >= hopelessAfterFailures,
  });
  if (isUp) {
    process.announceRestarts();
    return { process };
  }
  const reason = process.lastExit() ?? `no answer within ${timeoutMs / 1000} s`;
  await process.stop(3_000);
  context.untrack?.(process);
  return { reason, tail: logTail(spec.logFile) };
}
