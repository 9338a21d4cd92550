import { CostlaneError } from '@costlane/domain';
import type { EmbedOptions } from './embedder';

export const deadlineExceeded = (): CostlaneError =>
  new CostlaneError('deadline_exceeded', 'The deadline passed before the embeddings were there.');

export const cancelled = (): CostlaneError => new CostlaneError('cancelled', 'The caller gave the embeddings up.');

export const closed = (): CostlaneError => new CostlaneError('unavailable', 'This embedder has been closed.');

/** Throws `cancelled` or `deadline_exceeded` when nobody waits for the vectors any more. */
export function assertWanted(options: EmbedOptions | undefined, nowMs: number = Date.now()): void {
  if (options?.signal?.aborted) throw cancelled();
  if (options?.deadlineAtMs !== undefined && nowMs >= options.deadlineAtMs) throw deadlineExceeded();
}

/**
 * `work`'s outcome, or `cancelled` or `deadline_exceeded` as soon as the caller's patience ends; the work itself goes on. Its late
 * failure is nobody's any more and is dropped.
 */
export function withinLimits<T>(work: Promise<T>, options: EmbedOptions | undefined): Promise<T> {
  const { signal, deadlineAtMs } = options ?? {};
  if (signal === undefined && deadlineAtMs === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => leave(() => reject(cancelled()));
    const timer =
      deadlineAtMs === undefined
        ? undefined
        : setTimeout(() => leave(() => reject(deadlineExceeded())), Math.max(0, deadlineAtMs - Date.now()));
    function leave(settle: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    }
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) return onAbort();
    work.then(
      (value) => leave(() => resolve(value)),
      (error: unknown) => leave(() => reject(error as Error)),
    );
  });
}
