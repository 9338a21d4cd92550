/** How many more items a gateway takes: as many as it has places for, and as their bytes leave room. */
export interface ItemPlaces {
  free(): number;
  taken(sizeBytes: number): void;
  left(sizeBytes: number): void;
}

/** Bodies of items in hand; answers come to about as much again. */
const MAX_BYTES = 128 * 1024 * 1024;
/** Of the last items, in the mean that says how many are read at once: their sizes are not known before. */
const MEMORY = 16;
const FIRST_GUESS_BYTES = 64 * 1024;

/** @param count items at a time at the most */
export function createItemPlaces(count: number, maxBytes = MAX_BYTES): ItemPlaces {
  let items = 0;
  let bytes = 0;
  let meanBytes = FIRST_GUESS_BYTES;
  return {
    free() {
      const places = count - items;
      if (items === 0) return Math.max(1, Math.min(places, Math.floor(maxBytes / meanBytes)));
      return Math.max(0, Math.min(places, Math.floor((maxBytes - bytes) / meanBytes)));
    },
    taken(sizeBytes) {
      items++;
      bytes += sizeBytes;
      meanBytes += (Math.max(1, sizeBytes) - meanBytes) / MEMORY;
    },
    left(sizeBytes) {
      items--;
      bytes -= sizeBytes;
    },
  };
}
