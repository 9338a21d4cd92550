import {
  consumerGroups,
  replyField,
  type CacheFill,
  type CompletionRecord,
  type ReplyKind,
  type StreamNames,
} from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import source from './finish-jobs.lua';
import { bindScript } from './run-script';
import { createTickQueue } from './tick-queue';

/** Hard bounds, in entries; readers trim long before. Behind them the oldest entry would go, which the lag metrics announce. */
const REPLY_BOUND_ENTRIES = 200_000;
const COMPLETIONS_BOUND_ENTRIES = 2_000_000;

/** The last word on a job. */
export interface FinishedJob {
  /** Where it was read from; undefined when it came over the degraded road. */
  entry?: { stream: string; id: string };
  requestId: string;
  attempt: string;
  replyTo: string;
  kind: Extract<ReplyKind, 'r' | 'e'>;
  reply: Buffer;
  record: CompletionRecord;
  fill?: CacheFill;
  body?: Buffer;
  /** Keeps the reply as the first result of a client's idempotency key. */
  keepAs?: { key: string; ttlSeconds: number; value: Buffer };
}

export interface JobFinisher {
  /** Sends a part of a stream (`h` or `c`). Never waits; {@link JobFinisher.backlog} tells when to slow down. */
  part(replyTo: string, kind: 'h' | 'c', attempt: string, requestId: string, value: Buffer): void;
  /** Resolves to false when somebody else had finished the job. Rejects when Redis did not take it. */
  finish(job: FinishedJob): Promise<boolean>;
  /** Parts and jobs that Redis has not taken yet. */
  backlog(): number;
  idle(): Promise<void>;
}

interface PartItem {
  kind: 'part';
  replyTo: string;
  field: string;
  value: Buffer;
}
interface FinishItem {
  kind: 'finish';
  job: FinishedJob;
  resolve: (isOurs: boolean) => void;
  reject: (error: unknown) => void;
}

const EMPTY = Buffer.alloc(0);

/** Replies, completions and acknowledgements of one tick in one script call. `onLostParts` is told of parts that Redis did not take. */
export function createJobFinisher(options: {
  redis: Redis;
  names: StreamNames;
  onLostParts?: (requestIds: string[]) => void;
}): JobFinisher {
  const { redis, names } = options;
  const run = bindScript(redis, source);

  const queue = createTickQueue<PartItem | FinishItem>(async (batch) => {
    const { keys, args, finished } = encodeBatch(batch, names);
    try {
      const doubled = new Set((await run(keys, args)) as number[]);
      finished.forEach((item, index) => item.resolve(!doubled.has(index + 1)));
    } catch (error) {
      for (const item of finished) item.reject(error);
      const lost = batch.flatMap((item) =>
        item.kind === 'part' ? [item.field.slice(item.field.indexOf(':') + 1)] : [],
      );
      if (lost.length > 0) options.onLostParts?.([...new Set(lost)]);
    }
  }, 512);

  return {
    part: (replyTo, kind, attempt, requestId, value) =>
      queue.push({ kind: 'part', replyTo, field: replyField(kind, attempt, requestId), value }),
    finish: (job) => new Promise((resolve, reject) => queue.push({ kind: 'finish', job, resolve, reject })),
    backlog: () => queue.size(),
    idle: () => queue.idle(),
  };
}

function encodeBatch(batch: readonly (PartItem | FinishItem)[], names: StreamNames) {
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
      parts.push(keyIndex(names.reply(item.replyTo)), item.field, item.value);
      partCount++;
      continue;
    }
    finished.push(item);
    const { job } = item;
    jobs.push(job.entry ? keyIndex(job.entry.stream) : 1, job.entry?.id ?? '', keyIndex(names.reply(job.replyTo)));
    jobs.push(1, replyField(job.kind, job.attempt, job.requestId), job.reply);
    jobs.push(JSON.stringify(job.fill ? { record: job.record, fill: job.fill } : { record: job.record }));
    jobs.push(job.fill && job.body ? job.body : EMPTY);
    jobs.push(job.keepAs ? keyIndex(job.keepAs.key) : 0, job.keepAs?.ttlSeconds ?? 0, job.keepAs?.value ?? EMPTY);
  }
  const args = [consumerGroups.dispatch, REPLY_BOUND_ENTRIES, COMPLETIONS_BOUND_ENTRIES, partCount, ...parts, ...jobs];
  return { keys, args, finished };
}
