import type { LaneResult } from '@costlane/jobs';
import type { SubmittedItem } from '@costlane/ledger';
import type { BatchItemResult } from '@costlane/providers';
import { indexIn } from './batch-names';

type Outcome = BatchItemResult['outcome'];

/** Results that are settled at a time. */
const CHUNK_ITEMS = 16;
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * A batch's results with their items, some at a time: no more of either is in memory, and the provider is read no faster than they are settled.
 * One that comes twice is taken once, as far as its item has ended in between.
 */
export async function* readResults(
  results: AsyncIterable<BatchItemResult>,
  batchKey: string,
  itemsOf: (indexes: readonly number[]) => Promise<SubmittedItem[]>,
  settle: (item: SubmittedItem, outcome: Outcome) => Promise<LaneResult['outcome']>,
): AsyncGenerator<LaneResult, void, undefined> {
  let chunk = new Map<number, Outcome>();
  let sizeBytes = 0;
  const settleChunk = async (): Promise<LaneResult[]> => {
    const outcomes = chunk;
    chunk = new Map();
    sizeBytes = 0;
    const items = await itemsOf([...outcomes.keys()]);
    return Promise.all(
      items.map(async (item) => ({
        index: item.index,
        outcome: await settle(item, outcomes.get(item.index) as Outcome),
      })),
    );
  };
  for await (const { customId, outcome } of results) {
    const index = indexIn(customId, batchKey);
    if (index === undefined || chunk.has(index)) continue;
    chunk.set(index, outcome);
    sizeBytes += outcome.body?.length ?? 0;
    if (chunk.size >= CHUNK_ITEMS || sizeBytes >= CHUNK_BYTES) yield* await settleChunk();
  }
  if (chunk.size > 0) yield* await settleChunk();
}
