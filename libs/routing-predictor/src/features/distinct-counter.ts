/** Distinct hashes, without an allocation a text: a slot belongs to the text whose number it carries. */
export interface DistinctCounter {
  begin(): void;
  /** Whether the hash is new to this text. */
  add(hash: number): boolean;
}

export function createDistinctCounter(): DistinctCounter {
  const size = 1 << 14;
  const keys = new Int32Array(size);
  const owners = new Uint32Array(size);
  let text = 0;
  return {
    begin: () => void (text += 1),
    add: (hash) => {
      let slot = (hash ^ (hash >>> 16)) & (size - 1);
      while (owners[slot] === text) {
        if (keys[slot] === hash) return false;
        slot = (slot + 1) & (size - 1);
      }
      owners[slot] = text;
      keys[slot] = hash;
      return true;
    },
  };
}
