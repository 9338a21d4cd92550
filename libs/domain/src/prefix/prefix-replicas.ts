import { choosePrefixReplica, hashText, type ReplicaBounds, type ReplicaState } from './choose-prefix-replica';
import type { PrefixChain } from './prefix-blocks';
import type { PrefixTracker } from './prefix-tracker';
import { ReplicaBlocks } from './replica-blocks';

export interface PrefixReplicasOptions {
  /** What names each replica in every process: its URL. */
  readonly names: readonly string[];
  /** Sees every prompt before it is placed. */
  readonly tracker: PrefixTracker;
  /** Blocks of 512 tokens that a replica's cache holds. Default 5,000 (2.5 million tokens). */
  readonly blocksPerReplica?: number;
  /** Default: 1.1 times the mean and 1.5 of its square roots, from 20 requests of late (four a minute) or 8 in flight on. */
  readonly bounds?: ReplicaBounds;
  /** How long a replica that failed is left alone. Default 5,000. */
  readonly restMs?: number;
}

export interface PlacedPrompt {
  readonly replica: number;
  /** Leading blocks that the replica is expected to hold. */
  readonly heldBlocks: number;
  readonly isSpilled: boolean;
}

/** Requests count as recent load with this time constant: long enough that chance arrivals do not break the bound. */
const loadDecayMs = 300_000;

/** What fewer requests began with is not taken for common. */
const minSharedRequests = 4;

class Replica implements ReplicaState {
  readonly nameHash: number;
  heldBlocks = 0;
  recentRequests = 0;
  inFlight = 0;
  isAvoided = false;
  restsUntilMs = 0;

  constructor(name: string) {
    this.nameHash = hashText(name);
  }
}

/** Several servers of one model: keeps prompts with a common prefix on one of them, and the load between them even. */
export class PrefixReplicas {
  private readonly replicas: readonly Replica[];
  private readonly blocks: ReplicaBlocks;
  private readonly tracker: PrefixTracker;
  private readonly bounds: ReplicaBounds;
  private readonly restMs: number;
  private decayedAtMs = 0;

  constructor({ names, tracker, blocksPerReplica = 5_000, bounds, restMs = 5_000 }: PrefixReplicasOptions) {
    this.replicas = names.map((name) => new Replica(name));
    this.blocks = new ReplicaBlocks(names.length, blocksPerReplica);
    this.tracker = tracker;
    this.bounds = bounds ?? { factor: 1.1, deviations: 1.5, idleRequests: 20, idleInFlight: 8 };
    this.restMs = restMs;
  }

  /** The replica that gets this prompt, which then counts as given to it: `release` must follow. */
  place(chain: PrefixChain, nowMs: number): PlacedPrompt {
    const { hashes } = chain;
    this.decayLoads(nowMs);
    const held = this.blocks.find(hashes);
    const leading = this.blocks.leading(held);
    this.replicas.forEach((replica, i) => {
      replica.heldBlocks = leading[i] ?? 0;
      replica.isAvoided = replica.restsUntilMs > nowMs;
    });
    const shared = this.sharedBlocks(hashes, nowMs);
    const key = hashes[Math.min(shared, hashes.length - 1)] ?? '';
    const { index, isSpilled } = choosePrefixReplica(this.replicas, shared, key, this.bounds);
    const replica = this.at(index);
    const { heldBlocks } = replica;
    this.blocks.use(hashes, held, index);
    replica.recentRequests++;
    replica.inFlight++;
    return { replica: index, heldBlocks, isSpilled };
  }

  /** The request that was placed there has ended. */
  release(replica: number): void {
    const each = this.at(replica);
    each.inFlight = Math.max(0, each.inFlight - 1);
  }

  /** The replica could not be reached: what it held may be gone, and it is left alone for a while. */
  failed(replica: number, nowMs: number): void {
    const each = this.at(replica);
    this.blocks.clear(replica);
    each.restsUntilMs = nowMs + this.restMs;
  }

  /**
   * Leading blocks that more than half a replica's due of all requests begin with. Keeping those together would break
   * the bound; they end up on every replica. Counts do not grow along a prompt, so the place is found by halving.
   */
  private sharedBlocks(hashes: readonly string[], nowMs: number): number {
    const due = this.tracker.recentTotal(nowMs) / this.replicas.length;
    const limit = Math.max(minSharedRequests, due / 2);
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tracker.recentCount(hashes[middle] ?? '', nowMs) > limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private decayLoads(nowMs: number): void {
    const factor = Math.exp(-Math.max(0, nowMs - this.decayedAtMs) / loadDecayMs);
    this.decayedAtMs = nowMs;
    for (const replica of this.replicas) replica.recentRequests *= factor;
  }

  private at(index: number): Replica {
    const replica = this.replicas[index];
    if (!replica) throw new RangeError(`there is no replica ${index}`);
    return replica;
  }
}
