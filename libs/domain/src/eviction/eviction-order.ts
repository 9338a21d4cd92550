import { reuseWeight, worthOfUse, type EntryWorth, type EvictionPolicy } from './eviction-policy';

/** An entry's place in the order; whoever added the entry keeps it, and changes it only through the order. */
export interface Ranked<E> {
  readonly entry: E;
  readonly worth: number;
  /** The higher, the longer it stays; `order` decides between equals: what was used longest ago goes first. */
  priority: number;
  order: number;
  /** Priority and order by which the heap is arranged: those of the last look, which may be lower. */
  rank: number;
  rankOrder: number;
  index: number;
}

export interface EvictionOrder<E> {
  /** Adds an entry with its first use. */
  add(entry: E, worth: EntryWorth): Ranked<E>;
  /** The entry was used. O(1). */
  use(place: Ranked<E>): void;
  /** Takes an entry out, for another reason than its turn. O(log n). */
  remove(place: Ranked<E>): void;
  /** Takes out the entry whose turn it is and gives it; undefined: there is none. Amortised O(log n). */
  evict(): E | undefined;
  clear(): void;
}

/**
 * The order in which entries go. `lfu` and `cost_aware` follow GreedyDual-Size-Frequency (Cherkasova, "Improving WWW Proxies Performance with
 * Greedy-Dual-Size-Frequency Caching Policy", HP Labs HPL-98-69, section 3): a new entry begins at the age, which rises to the priority of
 * each entry that goes, so that what was popular once does not stay for ever. Other than there a use adds to the priority as it is, without
 * a new beginning at the age: that needs no count of uses, and with {@link reuseWeight} it hits more often.
 */
export function createEvictionOrder<E>(policy: EvictionPolicy): EvictionOrder<E> {
  const heap: Ranked<E>[] = [];
  let age = 0;
  let clock = 0;

  const removeAt = (index: number): void => {
    const last = heap.pop();
    if (!last || index >= heap.length) return;
    settle(heap, last, index);
  };

  return {
    add(entry, worth) {
      const value = policy === 'lru' ? 0 : worthOfUse(policy, worth);
      const priority = policy === 'lru' ? 0 : age + value;
      const order = ++clock;
      const place = { entry, worth: value, priority, order, rank: priority, rankOrder: order, index: heap.length };
      heap.push(place);
      settle(heap, place, place.index);
      return place;
    },
    use(place) {
      place.order = ++clock;
      place.priority += reuseWeight * place.worth;
    },
    remove(place) {
      if (heap[place.index] === place) removeAt(place.index);
    },
    evict() {
      for (;;) {
        const first = heap[0];
        if (!first) return undefined;
        // A use only raises a priority, so the heap's order is a lower bound: who stands first by it is looked at again.
        if (first.rankOrder !== first.order) {
          first.rank = first.priority;
          first.rankOrder = first.order;
          settle(heap, first, 0);
          continue;
        }
        removeAt(0);
        age = Math.max(age, first.priority);
        return first.entry;
      }
    },
    clear: () => void (heap.length = 0),
  };
}

const goesBefore = <E>(a: Ranked<E>, b: Ranked<E>): boolean =>
  a.rank < b.rank || (a.rank === b.rank && a.rankOrder < b.rankOrder);

/** Puts an entry at a place of the binary heap, or as far up or down from there as it belongs. */
function settle<E>(heap: Ranked<E>[], place: Ranked<E>, start: number): void {
  let index = start;
  while (index > 0) {
    const parent = heap[(index - 1) >> 1] as Ranked<E>;
    if (!goesBefore(place, parent)) break;
    put(heap, parent, index);
    index = (index - 1) >> 1;
  }
  for (;;) {
    const left = 2 * index + 1;
    if (left >= heap.length) break;
    const [a, b] = [heap[left] as Ranked<E>, heap[left + 1]];
    const child = b !== undefined && goesBefore(b, a) ? b : a;
    if (!goesBefore(child, place)) break;
    const at = child.index;
    put(heap, child, index);
    index = at;
  }
  put(heap, place, index);
}

function put<E>(heap: Ranked<E>[], place: Ranked<E>, index: number): void {
  heap[index] = place;
  place.index = index;
}
