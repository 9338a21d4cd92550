import type { CostlaneError } from '@costlane/domain';
import { cancelled, deadlineExceeded } from './call-limits';
import type { EmbedOptions } from './embedder';

/** Everything that may end a call early, as one signal whose reason is a CostlaneError. */
export interface CallEnd {
  signal: AbortSignal;
  /** Rejects with the signal's reason; never resolves. */
  ended: Promise<never>;
  end(error: CostlaneError): void;
  /** Stops watching the caller's limits. To be called when the call is over. */
  release(): void;
}

/** Watches the caller's signal and deadline. */
export function watchLimits({ signal, deadlineAtMs }: EmbedOptions = {}): CallEnd {
  const controller = new AbortController();
  const end = (error: CostlaneError): void => controller.abort(error);
  const onAbort = (): void => end(cancelled());
  const timer =
    deadlineAtMs === undefined
      ? undefined
      : setTimeout(() => end(deadlineExceeded()), Math.max(0, deadlineAtMs - Date.now()));
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as CostlaneError), {
      once: true,
    });
  });
  // Whoever races it hears of it; after the race nobody has to.
  ended.catch(() => undefined);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return {
    signal: controller.signal,
    ended,
    end,
    release() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * `work`'s outcome, or `cancelled` or `deadline_exceeded` as soon as the caller's patience ends; the work itself goes on, and a late
 * failure of it is dropped.
 */
export async function withinLimits<T>(work: Promise<T>, limits: EmbedOptions | undefined): Promise<T> {
  if (limits?.signal === undefined && limits?.deadlineAtMs === undefined) return work;
  const call = watchLimits(limits);
  try {
    return await Promise.race([work, call.ended]);
  } finally {
    call.release();
  }
}
