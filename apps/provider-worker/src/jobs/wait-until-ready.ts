import { setTimeout as wait } from 'node:timers/promises';
import { jitteredDelayMs } from '@costlane/resilience';

const BASE_MS = 500;
const MAX_MS = 15_000;

/** Asks until the answer is yes, with growing waits. False: the signal came first. `onWait` is told why, once for each reason. */
export async function waitUntilReady(
  isReady: () => Promise<boolean>,
  { signal, onWait, baseMs = BASE_MS }: { signal: AbortSignal; onWait: (reason: string) => void; baseMs?: number },
): Promise<boolean> {
  let told: string | undefined;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    let reason = 'its tables are not there yet';
    try {
      if (await isReady()) return true;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason !== told) onWait(reason);
    told = reason;
    await wait(jitteredDelayMs(attempt, baseMs, MAX_MS), undefined, { signal }).catch(() => undefined);
  }
  return false;
}
