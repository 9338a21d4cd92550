import { semanticLimitsKey } from '@costlane/contracts';
import type { ControlStore } from '@costlane/ledger';
import type { Logger, Redis } from '@costlane/platform';

const INTERVAL_MS = 60_000;

/**
 * Puts tenants' acceptable false-hit rates back into Redis where it has lost them: the documents are what lasts, the cache reads Redis. What
 * stands there already stays, for the gateway writes both. Now and every minute; a failure is tried again then.
 */
export function keepLimits(options: {
  control: Pick<ControlStore, 'list'>;
  redis: Redis;
  logger: Logger;
  intervalMs?: number;
}): { stop(): void } {
  const { control, redis, logger, intervalMs = INTERVAL_MS } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async (): Promise<void> => {
    try {
      const restored = await restoreLimits(control, redis);
      if (restored > 0) logger.warn({ restored }, 'false-hit limits of tenants were lost in Redis and put back');
    } catch (err) {
      logger.debug({ err }, 'false-hit limits could not be looked after');
    }
    if (!isStopped) timer = setTimeout(() => void run(), intervalMs);
  };
  void run();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Resolves with how many had been lost. */
export async function restoreLimits(control: Pick<ControlStore, 'list'>, redis: Redis): Promise<number> {
  const documents = await control.list('tenant-policy');
  const pipeline = redis.pipeline();
  for (const { id, body } of documents) {
    const limit = body['maxFalseHitRate'];
    if (typeof limit === 'number') pipeline.hsetnx(semanticLimitsKey, id, String(limit));
  }
  if (pipeline.length === 0) return 0;
  const replies = (await pipeline.exec()) ?? [];
  return replies.filter(([error, wasSet]) => !error && wasSet === 1).length;
}
