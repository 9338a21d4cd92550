import type { StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { isMissingGroup, toEntries, type StreamEntry } from './consumer-group';
import { readHeartbeats } from './liveness';

const CHECK_INTERVAL_MS = 1_500;
/** Two claimers may see the same orphan: whoever claims second finds it freshly claimed and leaves it. */
const CLAIM_MIN_IDLE_MS = 1_000;
const CLAIM_COUNT = 100;

export interface OrphanedEntry extends StreamEntry {
  /** How often the entry has been handed out, this time included. */
  deliveries: number;
}

/**
 * Watches a group for consumers that hold entries and beat no more, and claims those entries. A consumer has to be found silent
 * twice in a row: after a Redis restart all heartbeats are gone for a moment though everybody lives.
 */
export function startOrphanWatch(options: {
  redis: Redis;
  names: StreamNames;
  streams: () => readonly string[];
  group: string;
  consumer: string;
  logger: Logger;
  onClaimed: (entries: OrphanedEntry[]) => void;
}): { stop(): void } {
  const { redis, names, group, consumer, logger } = options;
  let suspects = new Set<string>();
  let isChecking = false;

  const check = async (): Promise<void> => {
    if (isChecking || redis.status !== 'ready') return;
    isChecking = true;
    try {
      const silentNow = new Set<string>();
      for (const stream of options.streams()) {
        for (const silent of await silentConsumers(redis, names, stream, group, consumer)) {
          silentNow.add(silent);
          if (!suspects.has(silent)) continue;
          // Until nothing is left: a consumer that dies may have held several reads' worth.
          for (;;) {
            const entries = await claimFrom(redis, stream, group, silent, consumer);
            if (entries.length === 0) break;
            logger.warn(
              { stream, orphanedBy: silent, entries: entries.length },
              'claimed entries of a consumer that is gone',
            );
            options.onClaimed(entries);
          }
        }
      }
      suspects = silentNow;
    } catch (error) {
      suspects = new Set();
      if (!isMissingGroup(error)) logger.debug({ err: error }, 'looking for orphaned entries failed');
    } finally {
      isChecking = false;
    }
  };
  const timer = setInterval(() => void check(), CHECK_INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}

/** Consumers of the group without a heartbeat that hold entries; those that hold none are forgotten by the group. */
async function silentConsumers(
  redis: Redis,
  names: StreamNames,
  stream: string,
  group: string,
  self: string,
): Promise<string[]> {
  const rows = (await redis.xinfo('CONSUMERS', stream, group).catch(() => [])) as (string | number)[][];
  const others = rows
    .map((row) => ({ name: String(row[1]), pending: Number(row[3]), idleMs: Number(row[5]) }))
    .filter(({ name }) => name !== self);
  const beats = await readHeartbeats(
    redis,
    names,
    others.map(({ name }) => name),
  );
  const silent = others.filter((_, index) => beats[index] === undefined);
  for (const { name, pending, idleMs } of silent) {
    if (pending === 0 && idleMs > 60_000) await redis.xgroup('DELCONSUMER', stream, group, name);
  }
  return silent.filter(({ pending }) => pending > 0).map(({ name }) => name);
}

async function claimFrom(
  redis: Redis,
  stream: string,
  group: string,
  from: string,
  to: string,
): Promise<OrphanedEntry[]> {
  const pending = (await redis.xpending(stream, group, '-', '+', CLAIM_COUNT, from)) as [
    string,
    string,
    number,
    number,
  ][];
  if (pending.length === 0) return [];
  const deliveries = new Map(pending.map(([id, , , count]) => [id, count + 1]));
  const claimed = await redis.callBuffer('XCLAIM', stream, group, to, String(CLAIM_MIN_IDLE_MS), ...deliveries.keys());
  return toEntries([[Buffer.from(stream), claimed]]).map((entry) => ({
    ...entry,
    deliveries: deliveries.get(entry.id) ?? 1,
  }));
}
