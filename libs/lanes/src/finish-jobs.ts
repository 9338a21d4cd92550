import { consumerGroups, type CacheFill, type CompletionRecord, type StreamNames } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import source from './finish-jobs.lua';
import { createTickQueue } from './tick-queue';

/** Hard bounds, in entries; readers trim long before. Behind them the oldest entry would go, which the lag metrics announce. */
const REPLY_BOUND_ENTRIES = 200_000;
const COMPLETIONS_BOUND_ENTRIES = 2_000_000;

/** A part of a reply on its way to a gateway; `field` as {@link replyField} makes it. */
export interface ReplyItem {
  requestId: string;
  replyTo: string;
  field: string;
  value: Buffer;
}

/** The last word on a job. */
export interface FinishedJob {
  /** Where it was read from; undefined when it came over the degraded road. */
  entry?: { stream: string; id: string };
  /**
   * An earlier try may have ended the job in part: its record goes to the ledger, which takes it once, even when the entry is
   * acknowledged or forgotten.
   */
  mustRecord?: boolean;
  /** The part that ends the reply; undefined when the gateway got it another way. */
  reply?: ReplyItem;
  record: CompletionRecord;
  fill?: CacheFill;
  body?: Buffer;
  /** Keeps the reply as the first result of a client's idempotency key. */
  keepAs?: { key: string; ttlSeconds: number; value: Buffer };
}

export interface JobFinisher {
  /** Sends a part of a stream. Never waits; {@link JobFinisher.backlog} tells when to slow down. */
  part(part: ReplyItem): void;
  /** Resolves to false when somebody else had finished the job. Rejects when Redis did not take it (which does not prove that it did not). */
  finish(job: FinishedJob): Promise<boolean>;
  /** Parts and jobs that Redis has not taken yet. */
  backlog(): number;
  idle(): Promise<void>;
}

interface PartItem {
  kind: 'part';
  part: ReplyItem;
}
interface FinishItem {
  kind: 'finish';
  job: FinishedJob;
  resolve: (isOurs: boolean) => void;
  reject: (error: unknown) => void;
}

const EMPTY = Buffer.alloc(0);

/** A script call blocks Redis for everybody: more items wait for the next one. */
const MAX_BATCH_ITEMS = 128;

/** Replies, completions and acknowledgements of one tick in one script call. `onLostParts` gets the parts that Redis did not take, in order. */
export function createJobFinisher(options: {
  redis: Redis;
  names: StreamNames;
  onLostParts: (parts: ReplyItem[]) => void;
  /** Consumer group that the entries are acknowledged in. Default: the workers'. */
  group?: string;
  /** Runs each call to Redis, to end those that take too long; what waits here for its turn is not on its clock. */
  guard?: (call: () => Promise<unknown>) => Promise<unknown>;
}): JobFinisher {
  const { redis, names, group = consumerGroups.dispatch, guard = (call) => call() } = options;
  const run = bindScript(redis, source);

  const queue = createTickQueue<PartItem | FinishItem>(async (batch) => {
    const { keys, args, finished } = encodeBatch(batch, names, group);
    try {
      const doubled = new Set((await guard(() => run(keys, args))) as number[]);
      finished.forEach((item, index) => item.resolve(!doubled.has(index + 1)));
    } catch (error) {
      // What waits behind the batch fails with it: it would wait as long again, and be overtaken on the road that is taken instead.
      const failed = [...batch, ...queue.takeWaiting()];
      // Parts first: the end of a stream must not overtake its chunks.
      const lost = failed.flatMap((item) => (item.kind === 'part' ? [item.part] : []));
      if (lost.length > 0) options.onLostParts(lost);
      for (const item of failed) if (item.kind === 'finish') item.reject(error);
    }
  }, MAX_BATCH_ITEMS);

  return {
    part: (part) => queue.push({ kind: 'part', part }),
    finish: (job) => new Promise((resolve, reject) => queue.push({ kind: 'finish', job, resolve, reject })),
    backlog: () => queue.size(),
    idle: () => queue.idle(),
  };
}

function encodeBatch(batch: readonly (PartItem | FinishItem)[], names: StreamNames, group: string) {
  const keys = [names.completions];
  const indexes = new Map<string, number>([[names.completions, 1]]);
  const keyIndex = (key: string): number => {
    let index = indexes.get(key);
    if (index === undefined) indexes.set(key, (index = keys.push(key)));
    return index;
  };
  const parts: (string | number | Buffer)[] = [];
  const jobs: (string | number | Buffer)[] = [];
  const finished: FinishItem[] = [];
  let partCount = 0;
  for (const item of batch) {
    if (item.kind === 'part') {
      parts.push(keyIndex(names.reply(item.part.replyTo)), item.part.field, item.part.value);
      partCount++;
      continue;
    }
    finished.push(item);
    const { job } = item;
    jobs.push(job.entry ? keyIndex(job.entry.stream) : 1, job.entry?.id ?? '');
    const isForced = job.mustRecord ? '1' : '0';
    if (job.reply) jobs.push(keyIndex(names.reply(job.reply.replyTo)), isForced, 1, job.reply.field, job.reply.value);
    else jobs.push(1, isForced, 0);
    const answer = job.fill && job.body ? job.body : EMPTY;
    jobs.push(JSON.stringify(answer.length > 0 ? { record: job.record, fill: job.fill } : job.record), answer);
    jobs.push(job.keepAs ? keyIndex(job.keepAs.key) : 0, job.keepAs?.ttlSeconds ?? 0, job.keepAs?.value ?? EMPTY);
  }
  const args = [group, REPLY_BOUND_ENTRIES, COMPLETIONS_BOUND_ENTRIES, partCount, ...parts, ...jobs];
  return { keys, args, finished };
}
