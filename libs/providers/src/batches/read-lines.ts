/** A line without its end; undefined for one that was longer than allowed, and was dropped. */
export type Line = Buffer | undefined;

const LINE_FEED = 0x0a;

/**
 * The lines of a stream, one by one, empty ones left out. Holds one line at most, and of that no more than `maxLineBytes`; reads on only when
 * the next line is asked for, so that whoever sends is held back by whoever takes.
 */
export async function* readLines(source: AsyncIterable<Buffer>, maxLineBytes: number): AsyncGenerator<Line> {
  let begun: Buffer[] = [];
  let size = 0;
  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size <= maxLineBytes) begun.push(piece);
    else begun = [];
  };
  const take = (): Line => {
    const line = size > maxLineBytes ? undefined : Buffer.concat(begun, size);
    begun = [];
    size = 0;
    return line;
  };
  for await (const chunk of source) {
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      keep(chunk.subarray(at, end));
      at = end + 1;
      if (isSomething(begun, size)) yield take();
      else take();
    }
    // A copy: the rest of a line must not keep the whole chunk alive.
    if (at < chunk.length) keep(at === 0 ? chunk : Buffer.from(chunk.subarray(at)));
  }
  if (isSomething(begun, size)) yield take();
}

/** Anything but an empty line, or one with the carriage return of a foreign line end. */
const isSomething = (pieces: readonly Buffer[], size: number): boolean =>
  size > 1 || (size === 1 && pieces.every((piece) => piece.length === 0 || piece[0] !== 0x0d));
