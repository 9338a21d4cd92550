import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { BatchJob, CollectedItem, ItemEnd, JobRef, JobStore, LeasedItem, ReleasedItem } from '@costlane/ledger';
import type { BatchLane, LanePlace } from './batch-lane';
import { dispositionOf, type StopReason } from './item-outcome';
import type { TurnLimits } from './run-items';

export interface GatherDeps {
  store: Pick<JobStore, 'lease' | 'renew' | 'release' | 'end' | 'collect'>;
  lane: BatchLane;
  limits: TurnLimits;
  now: () => number;
  mayGoOn: () => boolean;
  /** Name for what is leased here, and for nothing else. */
  owner: string;
  onError: (error: unknown) => void;
}

interface OpenBatch {
  batchKey: string;
  items: number;
  sizeBytes: number;
  inputs: number;
}

interface GatheredBatch {
  batchKey: string;
  group: string;
  items: CollectedItem[];
}

/**
 * Finds places for a job's items that no Batch API has refused yet: those that may go into a batch are put into one that is being gathered,
 * within their provider's limits, and the others end or are left to be asked by themselves. Goes on for the time of a turn at the most.
 */
export async function gatherBatches(deps: GatherDeps, job: BatchJob, signal: AbortSignal): Promise<void> {
  const gathering = new Gathering(deps, job);
  await gathering.run(signal);
}

class Gathering {
  private readonly ref: JobRef;
  private readonly owner: string;
  private readonly open = new Map<string, OpenBatch>();
  private readonly aborting = new AbortController();
  private stopped: StopReason | undefined;

  constructor(
    private readonly deps: GatherDeps,
    private readonly job: BatchJob,
  ) {
    this.owner = deps.owner;
    this.ref = { tenantId: job.tenantId, jobId: job.jobId };
    setMaxListeners(0, this.aborting.signal);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, limits, now, mayGoOn } = this.deps;
    const { leaseItems, leaseBytes, leaseMs, maxLosses, turnMs } = limits;
    const onAbort = (): void => this.stop('shutdown');
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const heartbeat = setInterval(() => void this.renew(), leaseMs / 3);
    heartbeat.unref();
    const endsAtMs = now() + turnMs;
    try {
      const lease = {
        owner: this.owner,
        limit: leaseItems,
        maxBytes: leaseBytes,
        leaseMs,
        maxLosses,
        isDirect: false,
      };
      while (this.stopped === undefined && now() < endsAtMs && mayGoOn()) {
        const items = await store.lease(this.ref, lease);
        if (items.length === 0) return;
        await this.write(items, await this.placesOf(items));
      }
    } finally {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** In the order of the items; a bounded number is looked for at a time. */
  private async placesOf(items: readonly LeasedItem[]): Promise<LanePlace[]> {
    const { lane } = this.deps;
    const places: LanePlace[] = [];
    let next = 0;
    const look = async (): Promise<void> => {
      for (let at = next++; at < items.length; at = next++) places[at] = await this.placeOf(items[at] as LeasedItem);
    };
    await Promise.all(Array.from({ length: Math.min(lane.placeConcurrency, items.length) }, look));
    return places;
  }

  private async placeOf(item: LeasedItem): Promise<LanePlace> {
    const { lane, onError } = this.deps;
    const failed = { kind: 'failed', errorCode: 'internal', isRetryable: true } as const;
    if (this.stopped !== undefined) return { kind: 'ended', outcome: failed };
    try {
      return await lane.placeOf({ ...item, job: this.job }, this.aborting.signal);
    } catch (error) {
      if (this.stopped === undefined) onError(error);
      return { kind: 'ended', outcome: failed };
    }
  }

  private async write(items: readonly LeasedItem[], places: readonly LanePlace[]): Promise<void> {
    const { store, limits } = this.deps;
    const batches = new Map<string, GatheredBatch>();
    const ends: ItemEnd[] = [];
    const released: ReleasedItem[] = [];
    items.forEach((item, at) => {
      const place = places[at];
      if (place?.kind === 'ended') {
        const disposition = dispositionOf(item, place.outcome, this.stopped, limits);
        if (disposition.kind === 'end') ends.push(disposition.end);
        else released.push(disposition.item);
      } else if (place?.kind !== 'batch' || !this.addTo(batches, item.index, place)) {
        released.push({ index: item.index, delayMs: 0, isUncounted: true, isDirect: true });
      }
    });
    await store.end(this.ref, ends);
    for (const { batchKey, group, items: collected } of batches.values())
      await store.collect(this.ref, this.owner, { batchKey, group }, collected);
    await store.release(this.ref, this.owner, released);
  }

  /** False for an item that is too large for any batch. */
  private addTo(
    batches: Map<string, GatheredBatch>,
    index: number,
    { group, sizeBytes, inputs = 1, prepared }: Extract<LanePlace, { kind: 'batch' }>,
  ): boolean {
    const { maxBytes, maxInputs = Infinity } = this.deps.lane.limits(group);
    if (sizeBytes > maxBytes || inputs > maxInputs) return false;
    const { batchKey } = this.roomIn(group, sizeBytes, inputs);
    const batch = batches.get(batchKey) ?? { batchKey, group, items: [] };
    batch.items.push({ index, prepared });
    batches.set(batchKey, batch);
    return true;
  }

  /** The group's open batch, or a new one where it is full. */
  private roomIn(group: string, sizeBytes: number, inputs: number): OpenBatch {
    const { maxItems, maxBytes, maxInputs = Infinity } = this.deps.lane.limits(group);
    let batch = this.open.get(group);
    const hasRoom =
      batch !== undefined &&
      batch.items < maxItems &&
      batch.sizeBytes + sizeBytes <= maxBytes &&
      batch.inputs + inputs <= maxInputs;
    if (batch === undefined || !hasRoom) {
      batch = { batchKey: `b_${randomUUID()}`, items: 0, sizeBytes: 0, inputs: 0 };
      this.open.set(group, batch);
    }
    batch.items += 1;
    batch.sizeBytes += sizeBytes;
    batch.inputs += inputs;
    return batch;
  }

  private async renew(): Promise<void> {
    const { store, limits } = this.deps;
    const { owner } = this;
    const renewed = await store.renew(this.ref, { owner, leaseMs: limits.leaseMs }).catch(() => ({ state: 'running' }));
    if (renewed?.state === 'running') return;
    this.stop(renewed?.state === 'cancelling' ? 'cancelled' : 'superseded');
  }

  private stop(reason: StopReason): void {
    if (this.stopped !== undefined) return;
    this.stopped = reason;
    this.aborting.abort(reason);
  }
}
