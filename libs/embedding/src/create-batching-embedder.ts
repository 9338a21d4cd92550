import type { CostlaneError } from '@costlane/domain';
import { withinLimits } from './call-end';
import { assertWanted, closed } from './call-limits';
import type { EmbedOptions, Embedder } from './embedder';
import { overloaded } from './work-queue';

export interface BatchingOptions {
  /** Texts that one call of the inner embedder gets. */
  maxBatch?: number;
  /** Texts that may wait, beyond those being embedded. */
  maxQueue?: number;
  /** Calls of the inner embedder at a time; while so many run, further texts gather. */
  concurrency?: number;
}

/** A caller's texts: settled when the last one has its vector, or by the first failure. */
interface Call {
  vectors: Float32Array[];
  missing: number;
  hasFailed: boolean;
  limits: EmbedOptions | undefined;
  resolve: (vectors: Float32Array[]) => void;
  reject: (error: unknown) => void;
}

interface QueuedText {
  text: string;
  place: number;
  call: Call;
}

const isWanted = ({ hasFailed, limits }: Call, nowMs: number): boolean =>
  !hasFailed && limits?.signal?.aborted !== true && (limits?.deadlineAtMs === undefined || nowMs < limits.deadlineAtMs);

/** When the last of the callers stops waiting; undefined when one of them waits as long as it takes. */
function latestDeadline(texts: readonly QueuedText[]): number | undefined {
  let latest = 0;
  for (const { call } of texts) {
    if (call.limits?.deadlineAtMs === undefined) return undefined;
    latest = Math.max(latest, call.limits.deadlineAtMs);
  }
  return latest;
}

/** Takes the next texts out of the queue; those that nobody waits for any more are left out. */
function takeBatch(queue: QueuedText[], maxBatch: number): QueuedText[] {
  const nowMs = Date.now();
  const batch: QueuedText[] = [];
  let taken = 0;
  for (; taken < queue.length && batch.length < maxBatch; taken += 1) {
    const queued = queue[taken] as QueuedText;
    if (isWanted(queued.call, nowMs)) batch.push(queued);
  }
  queue.splice(0, taken);
  return batch;
}

/** Gives each caller the vectors of its texts; `rows` says which vector is a text's. */
function deliver(batch: readonly QueuedText[], rows: ReadonlyMap<string, number>, vectors: Float32Array[]): void {
  const given = new Set<number>();
  for (const { text, place, call } of batch) {
    const row = rows.get(text) as number;
    const vector = vectors[row] as Float32Array;
    // Each caller owns its vectors: the second one of a row gets a copy.
    call.vectors[place] = given.has(row) ? vector.slice() : vector;
    given.add(row);
    call.missing -= 1;
    if (call.missing === 0) call.resolve(call.vectors);
  }
}

function fail(call: Call, error: unknown): void {
  call.hasFailed = true;
  call.reject(error);
}

/**
 * Gathers the texts of all callers of one tick, and of the time while earlier ones are being embedded, into few calls of `inner`; equal
 * texts of a batch are embedded once. A caller that gives up is rejected at once, and its texts are left out if they still wait; a batch
 * on its way goes on for the others. Rejects with `overloaded` when the queue has no room for a call's texts. Closes `inner` with itself.
 */
export function createBatchingEmbedder(inner: Embedder, options: BatchingOptions = {}): Embedder {
  const { maxBatch = 64, maxQueue = 1_024, concurrency = 2 } = options;
  const queue: QueuedText[] = [];
  let running = 0;
  let isScheduled = false;
  let isClosed = false;

  function schedule(): void {
    if (isScheduled || running >= concurrency || queue.length === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (running < concurrency && queue.length > 0) void flush(takeBatch(queue, maxBatch));
    });
  }

  async function flush(batch: readonly QueuedText[]): Promise<void> {
    if (batch.length === 0) return;
    running += 1;
    const rows = new Map<string, number>();
    for (const { text } of batch) if (!rows.has(text)) rows.set(text, rows.size);
    try {
      deliver(batch, rows, await inner.embed([...rows.keys()], { deadlineAtMs: latestDeadline(batch) }));
    } catch (error) {
      for (const { call } of batch) fail(call, error);
    } finally {
      running -= 1;
      schedule();
    }
  }

  return {
    modelId: inner.modelId,
    dimension: inner.dimension,
    async embed(texts, limits) {
      if (isClosed) throw closed();
      assertWanted(limits);
      if (texts.length === 0) return [];
      if (queue.length + texts.length > maxQueue) throw overloaded();
      const work = new Promise<Float32Array[]>((resolve, reject) => {
        const call: Call = { vectors: [], missing: texts.length, hasFailed: false, limits, resolve, reject };
        texts.forEach((text, place) => queue.push({ text, place, call }));
        schedule();
      });
      return withinLimits(work, limits);
    },
    async close() {
      isClosed = true;
      const error: CostlaneError = closed();
      for (const { call } of queue) fail(call, error);
      queue.length = 0;
      await inner.close();
    },
  };
}
