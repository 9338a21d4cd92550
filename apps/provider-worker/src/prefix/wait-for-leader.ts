import type { GatePass, LeaderGate } from '@costlane/domain';
import type { CancelSignal } from '@costlane/resilience';

/** Waits as a follower until its leader's answer begins, its own bound passes or it is cancelled: at once for others. */
export function waitForLeader(gate: LeaderGate, pass: GatePass, signal: CancelSignal, nowMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (pass.role !== 'follower') return resolve();
    const giveUp = (): void => gate.expired(pass);
    const timer = setTimeout(giveUp, pass.untilMs - nowMs);
    pass.onRelease = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp);
  });
}
