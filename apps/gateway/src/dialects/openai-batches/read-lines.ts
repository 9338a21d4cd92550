const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface FileLine {
  /** From 1; empty lines count. */
  number: number;
  /** Without its end; undefined for a line that is longer than allowed. */
  bytes: Buffer | undefined;
}

/** Cuts a file into its lines, however its pieces come. One piece and one line are in memory at a time; empty lines are left out. */
export async function* readLines(
  pieces: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<FileLine, void, undefined> {
  const line = new LineInPieces(maxLineBytes);
  let number = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let end; (end = piece.indexOf(LINE_FEED, from)) >= 0; from = end + 1) {
      line.add(piece.subarray(from, end));
      number += 1;
      if (!line.isEmpty(number)) yield { number, bytes: line.take(number) };
      else line.take(number);
    }
    line.add(piece.subarray(from));
  }
  number += 1;
  if (!line.isEmpty(number)) yield { number, bytes: line.take(number) };
}

class LineInPieces {
  private parts: Buffer[] = [];
  private sizeBytes = 0;

  constructor(private readonly maxBytes: number) {}

  add(part: Buffer): void {
    this.sizeBytes += part.length;
    // What is too long is counted, not kept.
    if (this.sizeBytes > this.maxBytes) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  isEmpty(number: number): boolean {
    return this.sizeBytes <= this.maxBytes && isBlank(this.joined(number));
  }

  take(number: number): Buffer | undefined {
    const bytes = this.sizeBytes > this.maxBytes ? undefined : this.joined(number);
    this.parts = [];
    this.sizeBytes = 0;
    return bytes;
  }

  private joined(number: number): Buffer {
    const all = this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts);
    this.parts = [all];
    const from = number === 1 && all.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    return all.subarray(from, all.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09) return false;
  return true;
}
