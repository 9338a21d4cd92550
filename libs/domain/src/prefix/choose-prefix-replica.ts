/** What is known of one replica when a request is placed. */
export interface ReplicaState {
  /** Hash of the replica's name: where it stands for rendezvous hashing, the same in every process. */
  readonly nameHash: number;
  /** Leading blocks of this prompt that it holds. */
  readonly heldBlocks: number;
  /** Requests it was given lately (decayed), and those it works on now. */
  readonly recentRequests: number;
  readonly inFlight: number;
  /** It has just failed, or is drained: only taken when all others are as well. */
  readonly isAvoided: boolean;
}

export interface ReplicaBounds {
  /** A replica may have so many times the mean. */
  readonly factor: number;
  /**
   * And so many square roots of the mean more: what chance makes of even arrivals. Without it processes that each see a
   * few of the requests would move prompts because of noise.
   */
  readonly deviations: number;
  /**
   * With fewer than these a replica is not overloaded whatever the mean: where there is little to do, keeping a prefix
   * in its place is worth more than evenness.
   */
  readonly idleRequests: number;
  readonly idleInFlight: number;
}

export interface ReplicaChoice {
  readonly index: number;
  /** The replica that holds most was over its bound, or avoided. */
  readonly isSpilled: boolean;
}

/**
 * The replica for a prompt: the one that holds most of it beyond what everybody shares, among those within the load
 * bound; equals are told apart by rendezvous hashing of the prefix (Thaler and Ravishankar 1998), so that processes
 * that know nothing of one another send a prefix to the same place. The bound is that of "Consistent Hashing with
 * Bounded Loads" (Mirrokni, Thorup, Zadimoghaddam 2018), over requests of late and over those in flight.
 *
 * @param sharedBlocks leading blocks that so many prompts have in common that they are soon on every replica
 * @param key of the prefix, for rendezvous hashing
 */
export function choosePrefixReplica(
  replicas: readonly ReplicaState[],
  sharedBlocks: number,
  key: string,
  bounds: ReplicaBounds,
): ReplicaChoice {
  let recent = 0;
  let inFlight = 0;
  for (const replica of replicas) {
    recent += replica.recentRequests;
    inFlight += replica.inFlight;
  }
  const maxRecent = limitOf((recent + 1) / replicas.length, bounds, bounds.idleRequests);
  const maxInFlight = limitOf((inFlight + 1) / replicas.length, bounds, bounds.idleInFlight);
  const keyHash = hashText(key);
  const isFree = (replica: ReplicaState): boolean =>
    !replica.isAvoided && replica.recentRequests + 1 <= maxRecent && replica.inFlight + 1 <= maxInFlight;
  const wished = best(replicas, sharedBlocks, keyHash, () => true);
  const taken = best(replicas, sharedBlocks, keyHash, isFree);
  const index = taken ?? best(replicas, sharedBlocks, keyHash, ({ isAvoided }) => !isAvoided) ?? wished ?? 0;
  return { index, isSpilled: index !== wished };
}

function limitOf(mean: number, { factor, deviations }: ReplicaBounds, idle: number): number {
  return Math.max(idle, Math.ceil(factor * mean + deviations * Math.sqrt(mean)));
}

function best(
  replicas: readonly ReplicaState[],
  sharedBlocks: number,
  keyHash: number,
  isCandidate: (replica: ReplicaState) => boolean,
): number | undefined {
  let top: number | undefined;
  let topHeld = -1;
  let topWeight = -1;
  replicas.forEach((replica, i) => {
    if (!isCandidate(replica)) return;
    const held = Math.max(0, replica.heldBlocks - sharedBlocks);
    if (held < topHeld) return;
    const weight = mix(keyHash, replica.nameHash);
    if (held === topHeld && weight <= topWeight) return;
    top = i;
    topHeld = held;
    topWeight = weight;
  });
  return top;
}

/** FNV-1a, 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3 over both: neighbouring inputs give unrelated weights. */
function mix(a: number, b: number): number {
  let hash = a ^ Math.imul(b, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
