import { CostlaneError } from '@costlane/domain';
import type { JobRef, JobStore, NewItem } from '@costlane/ledger';

/** What a job that is handed in holds in memory, one line more at the most. */
const CHUNK_ITEMS = 1_000;
const CHUNK_BYTES = 2 * 1024 * 1024;

/** Lets so many in at a time; the others wait for their turn, in their order. */
export interface Turnstile {
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurnstile(places: number): Turnstile {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    async pass(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The place goes from hand to hand.
        if (next) next();
        else free += 1;
      }
    },
  };
}

/**
 * Writes items as they come, a chunk at a time, and resolves with how many there were. Those who write wait for each other, so that neither small
 * jobs nor anyone who asks how a job goes have to wait for a free connection behind many large ones.
 */
export async function writeItems(
  store: Pick<JobStore, 'addItems'>,
  ref: JobRef,
  items: AsyncIterable<NewItem>,
  turnstile: Turnstile,
): Promise<number> {
  let chunk: NewItem[] = [];
  let sizeBytes = 0;
  let firstIndex = 0;
  const send = async (): Promise<void> => {
    const taken = chunk;
    await turnstile.pass(() => store.addItems(ref, taken, { firstIndex }));
    firstIndex += taken.length;
    chunk = [];
    sizeBytes = 0;
  };
  for await (const item of items) {
    chunk.push(item);
    sizeBytes += item.request.length;
    if (chunk.length >= CHUNK_ITEMS || sizeBytes >= CHUNK_BYTES) await send();
  }
  if (chunk.length > 0) await send();
  return firstIndex;
}

/**
 * Lets so many be handed in at a time, and leaves a quarter of that to other tenants.
 * @throws CostlaneError `overloaded`
 */
export function createHandInLimit(most: number): <T>(tenantId: string, work: () => Promise<T>) => Promise<T> {
  const mostOfOne = Math.max(1, most - Math.floor(most / 4));
  const underWay = new Map<string, number>();
  let total = 0;
  return async (tenantId, work) => {
    const own = underWay.get(tenantId) ?? 0;
    if (total >= most || own >= mostOfOne)
      throw new CostlaneError('overloaded', 'Too many jobs are being handed in at this moment.', {
        retryAfterMs: 1_000,
      });
    total += 1;
    underWay.set(tenantId, own + 1);
    try {
      return await work();
    } finally {
      total -= 1;
      const left = (underWay.get(tenantId) ?? 1) - 1;
      if (left > 0) underWay.set(tenantId, left);
      else underWay.delete(tenantId);
    }
  };
}
