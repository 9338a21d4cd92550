import type { ExactFill } from '@costlane/response-store';

export interface ChunkLimits {
  readonly maxFills: number;
  readonly maxBytes: number;
}

/** The fills in order, in parts that stay within both limits; one that is larger by itself makes a part of its own. */
export function chunkFills(fills: readonly ExactFill[], { maxFills, maxBytes }: ChunkLimits): ExactFill[][] {
  const chunks: ExactFill[][] = [];
  let chunk: ExactFill[] = [];
  let sizeBytes = 0;
  for (const fill of fills) {
    const isFull = chunk.length >= maxFills || sizeBytes + fill.body.length > maxBytes;
    if (chunk.length === 0 || isFull) {
      chunk = [];
      chunks.push(chunk);
      sizeBytes = 0;
    }
    chunk.push(fill);
    sizeBytes += fill.body.length;
  }
  return chunks;
}
