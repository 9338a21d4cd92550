import { CostlaneError } from '@costlane/domain';
import type { Call } from './call';
import type { InferenceRequest } from './inference-request';

const SWEEP_INTERVAL_MS = 25;

/** Calls under way, by request id (for replies) and by what they ask (for joining). One sweep for all deadlines: no timer a request. */
export interface CallTable {
  /** `shareKey` undefined: nobody may join. */
  add(call: Call, shareKey: string | undefined): void;
  byRequestId(requestId: string): Call | undefined;
  toJoin(shareKey: string, request: InferenceRequest): Call | undefined;
  remove(call: Call): void;
  all(): Iterable<Call>;
  size(): number;
  stop(): void;
}

export function createCallTable(options: {
  onExpired: (call: Call) => void;
  /** A call has ended, however it did; comes once or more. */
  onRemoved?: (call: Call) => void;
}): CallTable {
  const calls = new Map<string, Call>();
  const shared = new Map<string, Call>();
  const shareKeys = new Map<Call, string>();

  const remove = (call: Call): void => {
    calls.delete(call.requestId);
    options.onRemoved?.(call);
    const shareKey = shareKeys.get(call);
    if (shareKey === undefined) return;
    shareKeys.delete(call);
    if (shared.get(shareKey) === call) shared.delete(shareKey);
  };
  const sweep = (): void => {
    if (calls.size === 0) return;
    const nowMs = Date.now();
    for (const call of calls.values()) {
      // When the whole call's time is over it fails for all of them, and may be rescued.
      if (call.deadlineAtMs > nowMs) call.expireMembers(nowMs);
      const isUnwanted = call.members.size === 0;
      if (call.giveUpGap(nowMs)) options.onExpired(call);
      if (call.endsAtMs > nowMs && !isUnwanted) continue;
      options.onExpired(call);
      call.fail(new CostlaneError('deadline_exceeded', 'The deadline passed before the answer was complete.'));
      remove(call);
    }
  };
  const timer = setInterval(sweep, SWEEP_INTERVAL_MS);
  return {
    add(call, shareKey) {
      calls.set(call.requestId, call);
      if (shareKey === undefined) return;
      shared.set(shareKey, call);
      shareKeys.set(call, shareKey);
    },
    byRequestId: (requestId) => calls.get(requestId),
    toJoin(shareKey, request) {
      const call = shared.get(shareKey);
      return call?.canJoin(request) ? call : undefined;
    },
    remove,
    all: () => calls.values(),
    size: () => calls.size,
    stop: () => clearInterval(timer),
  };
}
