import type { CacheServiceServer, CacheStatsReply, InvalidateReply, InvalidateRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { grpcError, type Logger } from '@costlane/platform';
import type { ResponseStore } from '@costlane/response-store';
import type { FillMetrics } from '../fill/fill-metrics';
import { invalidationOf } from './invalidation-of';

export interface CacheControllerOptions {
  store: Pick<ResponseStore, 'invalidate'>;
  metrics: FillMetrics;
  logger: Logger;
  /** A frozen Redis must not hold an administrator's call for ever. */
  timeoutMs?: number;
}

/** gRPC edge of the cache: `Invalidate` and `Stats`. */
export function createCacheController(
  options: CacheControllerOptions,
): Pick<CacheServiceServer, 'invalidate' | 'stats'> {
  const { store, metrics, logger, timeoutMs = 5_000 } = options;

  const invalidate = async (request: InvalidateRequest): Promise<InvalidateReply> => {
    const invalidation = invalidationOf(request);
    if (!invalidation.ok) throw invalidation.error;
    const removedEntries = await orUnavailable(store.invalidate(invalidation.value), timeoutMs);
    metrics.invalidated(removedEntries);
    logger.info({ tenantId: request.tenantId, what: request.what?.$case, removedEntries }, 'cache entries dropped');
    return { removedEntries };
  };

  const stats = (): CacheStatsReply => {
    const { filled, skipped, invalidated } = metrics.totals();
    return { filledEntries: filled, skippedEntries: skipped, invalidatedEntries: invalidated };
  };

  return {
    invalidate: (call, callback) => {
      invalidate(call.request).then(
        (reply) => callback(null, reply),
        (error: unknown) => callback(grpcError(error)),
      );
    },
    stats: (_call, callback) => callback(null, stats()),
  };
}

async function orUnavailable<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    throw new CostlaneError(
      'unavailable',
      'The cache cannot be reached, so nothing can be said to be dropped; try again.',
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
