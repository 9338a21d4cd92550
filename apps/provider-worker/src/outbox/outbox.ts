import type { CompletionRecord } from '@costlane/contracts';
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

/** What the gateway calls it; on record it may have another name. */
const calledAs = ({ reply, record }: FinishedJob): string => reply?.requestId ?? record.requestId;

/** Redis with `appendfsync everysec` may forget its last second in a crash: what was ended then is ended again, which is harmless. */
const REPEAT_SPAN_MS = 1_500;
const REPEAT_MAX_JOBS = 20_000;
const RETRY_INTERVAL_MS = 200;
const RETRY_BATCH_MAX = 200;
/** Jobs without an entry that are kept in memory while Redis is away; the records of what comes beyond are on disk only. */
const OWED_MAX = 50_000;
/** Answers for the cache that are kept with them. */
const OWED_ANSWERS_MAX_BYTES = 64 * 1024 * 1024;

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
  owedMax?: number;
}): Outbox {
  const { directRoad, spool, logger, metrics, owedMax = OWED_MAX } = options;
  let owed: FinishedJob[] = [];
  let underWay = 0;
  let owedAnswerBytes = 0;
  let isOnDiskOnly = false;
  const recent = createRecentWindow<FinishedJob>(REPEAT_SPAN_MS, REPEAT_MAX_JOBS);
  /** Requests whose parts have begun to go the direct road: one road at a time keeps their order. */
  const onDirectRoad = new Set<string>();
  let isRedisGone = false;
  let retrying: Promise<void> | undefined;

  const sendDirect = (part: ReplyItem): boolean => {
    onDirectRoad.add(part.requestId);
    const isTold = directRoad(part.replyTo, part.field, part.value);
    metrics.fallback(isTold ? 'reply_direct' : 'reply_undeliverable');
    return isTold;
  };
  /** Sends the end of a job the direct road; gives what is owed of it then: all of it, where there is no way to its gateway. */
  const endDirect = (job: FinishedJob): FinishedJob => {
    const isTold = !job.reply || sendDirect(job.reply);
    onDirectRoad.delete(calledAs(job));
    return isTold ? asRecord(job) : { ...job, mustRecord: true };
  };
  const finisher = options.finisher((parts) => parts.forEach(sendDirect));

  const keepOwed = (job: FinishedJob): void => {
    // A worker has no more entries than places; what came over the degraded road has none and may be any number.
    if (!job.entry && owed.length >= owedMax) {
      isOnDiskOnly = true;
      return;
    }
    owedAnswerBytes += job.body?.length ?? 0;
    owed.push(owedAnswerBytes <= OWED_ANSWERS_MAX_BYTES ? job : { ...job, fill: undefined, body: undefined });
  };
  const owe = (job: FinishedJob): void => {
    keepOwed(job);
    spool.add(job.record).catch((err: unknown) => logger.error({ err }, 'a completion could not be spooled to disk'));
  };

  /** Ends jobs; gives those that Redis did not take. */
  const endAll = async (jobs: FinishedJob[]): Promise<FinishedJob[]> => {
    const outcomes = await Promise.allSettled(jobs.map((job) => finisher.finish(job)));
    return jobs.filter((_, index) => outcomes[index]?.status === 'rejected');
  };
  const recordAll = async (records: CompletionRecord[]): Promise<void> => {
    for (let start = 0; start < records.length; start += RETRY_BATCH_MAX) {
      const failed = await endAll(records.slice(start, start + RETRY_BATCH_MAX).map((record) => ({ record })));
      if (failed.length > 0) throw new Error(`${failed.length} spooled completions were not taken`);
    }
  };
  const retryAll = async (): Promise<void> => {
    while (owed.length > 0 && !isRedisGone) {
      const batch = owed.splice(0, RETRY_BATCH_MAX);
      underWay = batch.length;
      const failed = await endAll(batch);
      underWay = 0;
      owed = [...failed, ...owed];
      if (failed.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
    if (owed.length > 0) return;
    owedAnswerBytes = 0;
    if (!isOnDiskOnly) return spool.clear();
    isOnDiskOnly = false;
    await spool.replay(recordAll).catch((err: unknown) => {
      isOnDiskOnly = true;
      throw err;
    });
  };
  const retryLater = (): void => void setTimeout(() => void retryOwed(), RETRY_INTERVAL_MS).unref();
  const retryOwed = (): Promise<void> => {
    retrying ??= retryAll()
      .catch((err: unknown) => {
        logger.warn({ err }, 'what is owed could not be delivered yet');
        if (!isRedisGone) retryLater();
      })
      .finally(() => (retrying = undefined));
    return retrying;
  };
  /** While parts are still on the other road a new one would overtake them: there it fails as they do, behind them. */
  const mustGoDirect = (requestId: string): boolean =>
    onDirectRoad.has(requestId) || (isRedisGone && finisher.backlog() === 0);

  return {
    part(part) {
      if (mustGoDirect(part.requestId)) sendDirect(part);
      else finisher.part(part);
    },
    async finish(job) {
      recent.add(job);
      const requestId = calledAs(job);
      if (mustGoDirect(requestId)) {
        owe(endDirect(job));
        if (!isRedisGone) void retryOwed();
        return;
      }
      try {
        if (!(await finisher.finish(job))) options.onDoubled(job);
      } catch (err) {
        logger.debug({ err, requestId }, 'redis did not take the end of a job');
        owe(endDirect(job));
        retryLater();
      }
    },
    resend(requestId) {
      const job = recent.items().find((candidate) => calledAs(candidate) === requestId);
      if (!job?.reply) return false;
      sendDirect(job.reply);
      onDirectRoad.delete(requestId);
      return true;
    },
    backlog: () => finisher.backlog(),
    owed: () => owed.length + underWay,
    redisIsGone() {
      if (isRedisGone) return;
      isRedisGone = true;
      const known = new Set(owed.map((job) => job.record.requestId));
      for (const job of recent.items()) if (!known.has(job.record.requestId)) keepOwed(asRecord(job));
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
