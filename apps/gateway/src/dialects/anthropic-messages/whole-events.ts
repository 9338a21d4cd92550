const NEW_LINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const LINE_ENDS = [Buffer.from('\n\n'), Buffer.from('\n\r\n')];

/** Gathers the bytes of a stream into whole events, wherever they were cut; what arrives whole passes without a copy. */
export class WholeEvents {
  private held: Buffer = EMPTY;

  /** The events that are complete with these bytes; may be empty. */
  push(bytes: Buffer): Buffer {
    const { length } = bytes;
    const isWhole = length >= 2 && bytes[length - 1] === NEW_LINE && bytes[length - 2] === NEW_LINE;
    if (isWhole && this.held.length === 0) return bytes;
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const end = isWhole ? all.length : Math.max(...LINE_ENDS.map((mark) => endOfLast(all, mark)));
    this.held = all.subarray(end);
    return all.subarray(0, end);
  }

  /** What is left at the end: no whole event. */
  rest(): Buffer {
    return this.held;
  }
}

function endOfLast(bytes: Buffer, mark: Buffer): number {
  const at = bytes.lastIndexOf(mark);
  return at < 0 ? 0 : at + mark.length;
}
