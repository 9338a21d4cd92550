/** One replica's copy of a block, in that replica's order of use: a ring with a sentinel between newest and oldest. */
interface Copy {
  readonly block: Block;
  readonly replica: number;
  /** The next copy of the same block. */
  sibling: Copy | undefined;
  older: Copy;
  newer: Copy;
}

/** A block that some replica holds; nearly always one. */
interface Block {
  readonly hash: string;
  copies: Copy | undefined;
}

/** The leading blocks of a prompt that any replica holds at all. */
export type HeldPrefix = readonly Block[];

/**
 * A model of which prompt blocks the caches of several servers hold: on each the least recently used goes first, as in
 * vLLM, whose free list is ordered by last use and, within a request, gives up the end of a prefix before its beginning.
 *
 * So a block is never held without those before it, and a look-up ends at the first block that nobody holds. One map
 * for all replicas, since look-ups are what costs.
 */
export class ReplicaBlocks {
  private readonly blocks = new Map<string, Block>();
  private readonly ends: readonly Copy[];
  private readonly sizes: number[];

  constructor(
    private readonly replicaCount: number,
    private readonly maxBlocks: number,
  ) {
    this.ends = Array.from({ length: replicaCount }, (_, replica) => sentinel(replica));
    this.sizes = Array.from({ length: replicaCount }, () => 0);
  }

  sizeOf(replica: number): number {
    return this.sizes[replica] ?? 0;
  }

  find(hashes: readonly string[]): HeldPrefix {
    const found: Block[] = [];
    for (const hash of hashes) {
      const block = this.blocks.get(hash);
      if (!block) break;
      found.push(block);
    }
    return found;
  }

  /** How many leading blocks of the prompt each replica holds. */
  leading(held: HeldPrefix): number[] {
    const counts = this.sizes.map(() => 0);
    let unknown = counts.length;
    // From the end: the first copy met of a replica says how far it goes.
    for (let i = held.length - 1; i >= 0 && unknown > 0; i--) {
      for (let copy = held[i]?.copies; copy; copy = copy.sibling) {
        if (counts[copy.replica] !== 0) continue;
        counts[copy.replica] = i + 1;
        unknown--;
      }
    }
    return counts;
  }

  /** The replica is given this prompt, whose leading blocks were found just now. */
  use(hashes: readonly string[], held: HeldPrefix, replica: number): void {
    const end = this.endOf(replica);
    // From the end, so that a prefix is newer than what continues it; what does not fit would push out its own beginning.
    for (let i = Math.min(hashes.length, this.maxBlocks) - 1; i >= 0; i--) {
      const block = held[i] ?? this.add(hashes[i] ?? '');
      let copy = copyOn(block, replica);
      if (copy) unlink(copy);
      else {
        copy = { block, replica, sibling: block.copies, older: end, newer: end };
        block.copies = copy;
        this.sizes[replica] = this.sizeOf(replica) + 1;
      }
      link(copy, end);
    }
    while (this.sizeOf(replica) > this.maxBlocks) this.evict(end.newer, replica);
  }

  /** The replica has lost its cache. */
  clear(replica: number): void {
    const end = this.endOf(replica);
    while (end.newer !== end) this.evict(end.newer, replica);
  }

  private add(hash: string): Block {
    const block: Block = { hash, copies: undefined };
    this.blocks.set(hash, block);
    return block;
  }

  private evict(copy: Copy, replica: number): void {
    unlink(copy);
    this.sizes[replica] = this.sizeOf(replica) - 1;
    const { block } = copy;
    if (block.copies === copy) block.copies = copy.sibling;
    else
      for (let each = block.copies; each; each = each.sibling) if (each.sibling === copy) each.sibling = copy.sibling;
    if (!block.copies) this.blocks.delete(block.hash);
  }

  private endOf(replica: number): Copy {
    const end = this.ends[replica];
    if (!end) throw new RangeError(`there is no replica ${replica} of ${this.replicaCount}`);
    return end;
  }
}

function copyOn({ copies }: Block, replica: number): Copy | undefined {
  let copy = copies;
  while (copy && copy.replica !== replica) copy = copy.sibling;
  return copy;
}

const nowhere: Block = { hash: '', copies: undefined };

function sentinel(replica: number): Copy {
  const end = { block: nowhere, replica, sibling: undefined } as unknown as Copy;
  end.older = end;
  end.newer = end;
  return end;
}

function link(copy: Copy, end: Copy): void {
  copy.newer = end;
  copy.older = end.older;
  end.older.newer = copy;
  end.older = copy;
}

function unlink(copy: Copy): void {
  copy.older.newer = copy.newer;
  copy.newer.older = copy.older;
}
