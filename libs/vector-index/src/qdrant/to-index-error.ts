import { CostlaneError } from '@costlane/domain';

/** What the client throws, as far as it is looked at. */
interface Thrown {
  name?: unknown;
  status?: unknown;
}

/** HTTP status of what the client threw, where there was an answer. */
export function statusOf(error: unknown): number | undefined {
  const { status } = (error ?? {}) as Thrown;
  return typeof status === 'number' ? status : undefined;
}

/** `deadline_exceeded` where Qdrant took too long, else `unavailable`; a server's own words stay in the cause. */
export function toIndexError(cause: unknown): CostlaneError {
  if (cause instanceof CostlaneError) return cause;
  const { name } = (cause ?? {}) as Thrown;
  // Told by name: an abort's class is not the same one in every context.
  if (name === 'QdrantClientTimeoutError' || name === 'AbortError' || name === 'TimeoutError')
    return new CostlaneError('deadline_exceeded', 'the vector index did not answer in time', { cause });
  const status = statusOf(cause);
  const message =
    status === 401 || status === 403
      ? 'the vector index refuses the API key'
      : status === undefined
        ? 'the vector index cannot be reached'
        : `the vector index answered with status ${status}`;
  return new CostlaneError('unavailable', message, { cause });
}

/** An answer that makes no sense. */
export const malformedAnswer = (what: string): CostlaneError =>
  new CostlaneError('unavailable', `the vector index gave ${what} that cannot be read`);
