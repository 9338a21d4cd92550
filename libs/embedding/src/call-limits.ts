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
