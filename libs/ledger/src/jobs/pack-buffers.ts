export interface PackedBuffers {
  /** All of them, one behind the other. */
  blob: Buffer;
  /** Where each begins, counted from 1 as `substring` does, and how long it is; -1 where there is none. */
  starts: number[];
  lengths: number[];
}

/**
 * Many byte strings as one parameter. An array of them would go as hexadecimal text, twice the bytes and an encoding of each; one goes as
 * it is, and `substring` takes it apart.
 */
export function packBuffers(buffers: readonly (Buffer | undefined)[]): PackedBuffers {
  const starts: number[] = [];
  const lengths: number[] = [];
  const parts: Buffer[] = [];
  let start = 1;
  for (const buffer of buffers) {
    starts.push(start);
    lengths.push(buffer ? buffer.length : -1);
    if (!buffer) continue;
    parts.push(buffer);
    start += buffer.length;
  }
  return { blob: Buffer.concat(parts), starts, lengths };
}
