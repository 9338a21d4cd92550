/** A text's ids and its place among the texts of the call. */
export interface TokenizedText {
  place: number;
  ids: Uint16Array;
}

export interface BatchBounds {
  maxTexts: number;
  /** Ids with padding. */
  maxIds: number;
}

/** Batches of texts of like length, short ones first, so that little is padded. */
export function planBatches(texts: readonly TokenizedText[], { maxTexts, maxIds }: BatchBounds): TokenizedText[][] {
  const sorted = [...texts].sort((a, b) => a.ids.length - b.ids.length);
  const batches: TokenizedText[][] = [];
  let batch: TokenizedText[] = [];
  for (const text of sorted) {
    // The text is the longest so far: all of the batch would be padded to its length.
    const isFull = batch.length === maxTexts || (batch.length + 1) * text.ids.length > maxIds;
    if (batch.length > 0 && isFull) {
      batches.push(batch);
      batch = [];
    }
    batch.push(text);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** The batch as the model wants it: `[CLS] pieces [SEP]`, padded with 0, and a mask that is 1 where there is no padding. */
export function padBatch(batch: readonly TokenizedText[], markers: { first: number; last: number }) {
  const length = 2 + Math.max(...batch.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(batch.length * length);
  const mask = new BigInt64Array(batch.length * length);
  batch.forEach((text, row) => {
    const from = row * length;
    ids[from] = BigInt(markers.first);
    text.ids.forEach((id, at) => (ids[from + 1 + at] = BigInt(id)));
    ids[from + 1 + text.ids.length] = BigInt(markers.last);
    mask.fill(1n, from, from + 2 + text.ids.length);
  });
  return { count: batch.length, length, ids, mask };
}
