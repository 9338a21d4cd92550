import {
  createRecentWindow,
  type CompletionSpool,
  type FinishedJob,
  type JobFinisher,
  type ReplyItem,
} from '@costlane/lanes';
import type { Logger, Metrics } from '@costlane/platform';

/** Hands parts straight to a gateway; false when there is no way to it. */
export type DirectRoad = (gatewayId: string, field: string, value: Buffer) => boolean;

export interface Outbox {
  part(part: ReplyItem): void;
  /** Ends a job: over Redis where it answers, else straight to the gateway, with the rest made up for when Redis is back. */
  finish(job: FinishedJob): Promise<void>;
  /** Sends the end of a job that was finished lately once more, straight to its gateway; false when it is not known any more. */
  resend(requestId: string): boolean;
  /** Parts under way; callers slow down when there are many. */
  backlog(): number;
  /** What waits for Redis to come back. */
  owed(): number;
  /** Redis is back after an outage. */
  redisIsBack(): void;
  redisIsGone(): void;
  drain(): Promise<void>;
}

/**
 * A job that was answered another way, or whose end may or may not have reached Redis, as what is owed for certain: its record, which
 * the ledger takes once. Going by the acknowledgement would lose it where the entry has been let go of meanwhile.
 */
const asRecord = (job: FinishedJob): FinishedJob => ({ ...job, reply: undefined, mustRecord: true });

/** Redis with `appendfsync everysec` may forget its last second in a crash: what was ended then is ended again, which is harmless. */
const REPEAT_SPAN_MS = 1_500;
const REPEAT_MAX_JOBS = 20_000;
const RETRY_INTERVAL_MS = 200;

/**
 * What leaves a worker. Redis is the road; when it does not answer within the connection's command timeout, replies go straight to
 * the gateway, and the acknowledgement and the ledger's record are kept (in memory and on disk) until Redis takes them.
 */
export function createOutbox(options: {
  finisher: (onLostParts: (parts: ReplyItem[]) => void) => JobFinisher;
  directRoad: DirectRoad;
  spool: CompletionSpool;
  logger: Logger;
  metrics: Metrics;
  onDoubled: (job: FinishedJob) => void;
}): Outbox {
  const { directRoad, spool, logger, metrics } = options;
  const owed: FinishedJob[] = [];
  const recent = createRecentWindow<FinishedJob>(REPEAT_SPAN_MS, REPEAT_MAX_JOBS);
  /** Requests whose parts have begun to go the direct road: one road at a time keeps their order. */
  const onDirectRoad = new Set<string>();
  let isRedisGone = false;
  let isRetrying = false;

  const sendDirect = (part: ReplyItem): void => {
    onDirectRoad.add(part.requestId);
    if (directRoad(part.replyTo, part.field, part.value)) metrics.fallback('reply_direct');
    else metrics.fallback('reply_undeliverable');
  };
  const finisher = options.finisher((parts) => parts.forEach(sendDirect));

  const owe = (job: FinishedJob): void => {
    owed.push(job);
    spool.add(job.record).catch((err: unknown) => logger.error({ err }, 'a completion could not be spooled to disk'));
  };

  const retryOwed = async (): Promise<void> => {
    if (isRetrying) return;
    isRetrying = true;
    while (owed.length > 0 && !isRedisGone) {
      const batch = owed.splice(0, 200);
      const outcomes = await Promise.allSettled(batch.map((job) => finisher.finish(job)));
      const failed = batch.filter((_, index) => outcomes[index]?.status === 'rejected');
      owed.unshift(...failed);
      if (failed.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
    isRetrying = false;
    if (owed.length === 0)
      await spool.clear().catch((err: unknown) => logger.warn({ err }, 'the spool could not be cleared'));
  };

  return {
    part(part) {
      if (onDirectRoad.has(part.requestId) || isRedisGone) sendDirect(part);
      else finisher.part(part);
    },
    async finish(job) {
      recent.add(job);
      const { reply } = job;
      const requestId = job.record.requestId;
      if (isRedisGone || onDirectRoad.has(requestId)) {
        if (reply) sendDirect(reply);
        onDirectRoad.delete(requestId);
        owe(asRecord(job));
        if (!isRedisGone) void retryOwed();
        return;
      }
      try {
        if (!(await finisher.finish(job))) options.onDoubled(job);
      } catch (err) {
        logger.debug({ err, requestId }, 'redis did not take the end of a job');
        if (reply) sendDirect(reply);
        onDirectRoad.delete(requestId);
        owe(asRecord(job));
        setTimeout(() => void retryOwed(), RETRY_INTERVAL_MS);
      }
    },
    resend(requestId) {
      const job = recent.items().find((candidate) => candidate.record.requestId === requestId);
      if (!job?.reply) return false;
      sendDirect(job.reply);
      onDirectRoad.delete(requestId);
      return true;
    },
    backlog: () => finisher.backlog(),
    owed: () => owed.length,
    redisIsGone() {
      if (isRedisGone) return;
      isRedisGone = true;
      const known = new Set(owed.map((job) => job.record.requestId));
      owed.push(
        ...recent
          .items()
          .filter((job) => !known.has(job.record.requestId))
          .map(asRecord),
      );
    },
    redisIsBack() {
      isRedisGone = false;
      void retryOwed();
    },
    async drain() {
      await finisher.idle();
      if (!isRedisGone) await retryOwed();
    },
  };
}
