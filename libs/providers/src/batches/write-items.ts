import { CostlaneError, toCostlaneError } from '@costlane/domain';
import { checkFits } from './pack-batches';
import type { BatchItem, BatchLimits, MeasuredItem } from './provider-batches';

/** An item as its provider takes it. */
export interface WrittenItem extends MeasuredItem {
  readonly parts: readonly Buffer[];
}

/** What has been written so far. */
export interface WriteProgress {
  itemCount: number;
  /** Everything has been handed over: from now on the provider may have all of it. */
  isWhole: boolean;
}

interface Frame {
  readonly before: Buffer;
  readonly between: Buffer;
  readonly after: Buffer;
}

/** Pieces are gathered up to this size: a write for each of 50,000 short lines costs more than the lines. */
const PIECE_BYTES = 64 * 1024;

/**
 * The bytes of a batch, made from its items while they are sent: no more than a piece and an item are held.
 * @throws CostlaneError in the middle, for an item that does not belong here or is too much; what was sent until then is then no batch.
 */
export async function* writeItems(
  items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
  write: (item: BatchItem) => WrittenItem,
  limits: BatchLimits,
  { before, between, after }: Frame,
  progress: WriteProgress,
): AsyncGenerator<Buffer> {
  const check = createCheck(limits);
  let piece: Buffer[] = [before];
  let size = before.length;
  for await (const item of guarded(items)) {
    const written = write(item);
    check(written);
    const parts = progress.itemCount === 0 ? written.parts : [between, ...written.parts];
    progress.itemCount++;
    for (const part of parts) {
      piece.push(part);
      size += part.length;
    }
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(piece, size);
    piece = [];
    size = 0;
  }
  if (progress.itemCount === 0) throw new CostlaneError('invalid_request', 'A batch must have an item at least.');
  piece.push(after);
  // Before it is handed over: nobody asks for the next piece when the answer comes first.
  progress.isWhole = true;
  yield Buffer.concat(piece);
}

/** What happens to who makes the items is none of the provider's faults. */
async function* guarded(items: Iterable<BatchItem> | AsyncIterable<BatchItem>): AsyncGenerator<BatchItem> {
  try {
    yield* items;
  } catch (cause) {
    throw toCostlaneError(cause);
  }
}

/** Holds the items of one batch against its limits, as `packBatches` would have. */
function createCheck(limits: BatchLimits): (item: MeasuredItem) => void {
  const customIds = new Set<string>();
  let group: string | undefined;
  let sizeBytes = 0;
  let inputs = 0;
  return (item) => {
    checkFits(item, limits);
    group ??= item.group;
    if (group !== item.group) throw refused(`has items of several kinds (${group}, ${item.group}).`);
    if (customIds.has(item.customId)) throw refused(`has two items with the id "${item.customId}".`);
    customIds.add(item.customId);
    sizeBytes += item.sizeBytes;
    inputs += item.inputs;
    if (customIds.size > limits.maxItems) throw tooMuch(`more than ${limits.maxItems} items`);
    if (sizeBytes > limits.maxBytes) throw tooMuch(`more than ${limits.maxBytes} bytes`);
    if (inputs > limits.maxInputs) throw tooMuch(`more than ${limits.maxInputs} inputs`);
  };
}

const refused = (why: string): CostlaneError => new CostlaneError('invalid_request', `The batch ${why}`);
const tooMuch = (what: string): CostlaneError => new CostlaneError('body_too_large', `The batch has ${what}.`);
