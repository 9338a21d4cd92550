import { CostlaneError } from '@costlane/domain';
import type { BatchLimits, MeasuredItem } from './provider-batches';

interface OpenBatch<T> {
  readonly items: T[];
  readonly customIds: Set<string>;
  sizeBytes: number;
  inputs: number;
}

/**
 * Splits items into batches that a provider takes: one group in each, and neither more items nor more bytes or inputs than the limits
 * allow. Items keep their order: each goes into the batch of its group that is being filled, or begins the next one where it has no room there.
 * @throws CostlaneError `body_too_large` for an item that fits into none, `invalid_request` for an id that is there twice in its group.
 */
export function packBatches<T extends MeasuredItem>(items: Iterable<T>, limits: BatchLimits): T[][] {
  const packed: OpenBatch<T>[] = [];
  const open = new Map<string, OpenBatch<T>>();
  const idsByGroup = new Map<string, Set<string>>();
  for (const item of items) {
    checkFits(item, limits);
    let batch = open.get(item.group);
    if (!batch || !hasRoom(batch, item, limits)) {
      const customIds = idsByGroup.get(item.group) ?? new Set<string>();
      idsByGroup.set(item.group, customIds);
      batch = { items: [], customIds, sizeBytes: 0, inputs: 0 };
      open.set(item.group, batch);
      packed.push(batch);
    }
    add(batch, item);
  }
  return packed.map((batch) => batch.items);
}

function add<T extends MeasuredItem>(batch: OpenBatch<T>, item: T): void {
  if (batch.customIds.has(item.customId)) {
    throw new CostlaneError('invalid_request', `Two items of a batch have the id "${item.customId}".`, {
      field: 'custom_id',
    });
  }
  batch.customIds.add(item.customId);
  batch.items.push(item);
  batch.sizeBytes += item.sizeBytes;
  batch.inputs += item.inputs;
}

const hasRoom = <T>(batch: OpenBatch<T>, item: MeasuredItem, limits: BatchLimits): boolean =>
  batch.items.length < limits.maxItems &&
  batch.sizeBytes + item.sizeBytes <= limits.maxBytes &&
  batch.inputs + item.inputs <= limits.maxInputs;

/** @throws CostlaneError `body_too_large` for an item that is larger than a whole batch may be. */
export function checkFits({ customId, sizeBytes, inputs }: MeasuredItem, { maxBytes, maxInputs }: BatchLimits): void {
  if (sizeBytes > maxBytes) {
    throw new CostlaneError('body_too_large', `Item "${customId}" has ${sizeBytes} bytes; a batch takes ${maxBytes}.`);
  }
  if (inputs > maxInputs) {
    throw new CostlaneError('body_too_large', `Item "${customId}" has ${inputs} inputs; a batch takes ${maxInputs}.`, {
      field: 'input',
    });
  }
}
