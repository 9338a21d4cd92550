import { consumerGroups } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import type { LaneWork } from '../work/lane-work';

export interface Suspects {
  /** Work came whose entry other batchers had before. */
  note(work: LaneWork): void;
  stop(): void;
}

/** What would end a batcher does it when it is read. */
const CLEAR_AFTER_MS = 2_000;
/** A long command blocks Redis for everybody. */
const MAX_IDS = 500;

/**
 * Takes back what was held against entries that wait: what a batcher has had in hand for a while and lives has not ended those before it. Else all that waits for long would
 * be put aside after some restarts, together with the one entry that was the cause.
 */
export function createSuspects(options: {
  redis: Redis;
  batcherId: string;
  logger: Logger;
  isWaiting: (work: LaneWork) => boolean;
  clearAfterMs?: number;
}): Suspects {
  const { redis, batcherId, logger, isWaiting, clearAfterMs = CLEAR_AFTER_MS } = options;
  let suspects: LaneWork[] = [];
  let timer: NodeJS.Timeout | undefined;

  const clear = async (): Promise<void> => {
    timer = undefined;
    const byStream = new Map<string, string[]>();
    for (const work of suspects.splice(0)) {
      const { stream, id } = work.entry;
      const ids = byStream.get(stream);
      if (!isWaiting(work)) continue;
      if (ids) ids.push(id);
      else byStream.set(stream, [id]);
    }
    for (const [stream, ids] of byStream) {
      for (let from = 0; from < ids.length; from += MAX_IDS) {
        const some = ids.slice(from, from + MAX_IDS);
        const claim = [stream, consumerGroups.lanes, batcherId, '0', ...some, 'RETRYCOUNT', '1', 'JUSTID'];
        await redis.call('XCLAIM', ...claim).catch((err: unknown) => logger.debug({ err }, 'deliveries stay counted'));
      }
    }
  };
  return {
    note(work) {
      suspects.push(work);
      timer ??= setTimeout(() => void clear(), clearAfterMs);
    },
    stop() {
      clearTimeout(timer);
      suspects = [];
    },
  };
}
