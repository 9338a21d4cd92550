/** Which of some sets (16 at the most) a text's words are in, and how many words two sets share. */
export interface WordSets {
  /** Forgets the words of the text before. */
  begin(): void;
  add(hash: number, set: number): void;
  /** Number of distinct words in both; of a set with itself, its size. */
  shared(first: number, second: number): number;
}

const maxSets = 16;

/** Buffers are made once: a slot belongs to the text whose number it carries. Words must be fewer than its 16,384 slots; a text has 8,000 at the most. */
export function createWordSets(): WordSets {
  const size = 1 << 14;
  const keys = new Int32Array(size);
  const owners = new Uint32Array(size);
  const masks = new Uint16Array(size);
  const common = new Int32Array(maxSets * maxSets);
  let text = 0;
  return {
    begin: () => {
      text += 1;
      common.fill(0);
    },
    add: (hash, set) => {
      let slot = (hash ^ (hash >>> 16)) & (size - 1);
      while (owners[slot] === text && keys[slot] !== hash) slot = (slot + 1) & (size - 1);
      if (owners[slot] !== text) {
        owners[slot] = text;
        keys[slot] = hash;
        masks[slot] = 0;
      }
      const before = masks[slot] as number;
      if ((before >>> set) & 1) return;
      const now = before | (1 << set);
      masks[slot] = now;
      for (let other = 0; other < maxSets; other += 1) {
        if (!((now >>> other) & 1)) continue;
        // Counted in both orders, so that shared() need not sort them; a set with itself once.
        common[set * maxSets + other] = (common[set * maxSets + other] as number) + 1;
        if (other !== set) common[other * maxSets + set] = (common[other * maxSets + set] as number) + 1;
      }
    },
    shared: (first, second) => common[first * maxSets + second] as number,
  };
}
