const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NO_BYTES = Buffer.alloc(0);

/**
 * The text around the piece of content in the events of one stream. Within a stream only the piece differs, so an event
 * whose surroundings equal those of one that has been parsed, byte for byte, and whose piece has nothing in it that JSON
 * escapes, needs no parsing: it is valid and says nothing else.
 */
export class EventFrame {
  /** Bytes of the pieces in the events that were skipped. */
  characters = 0;
  /** From the start of the line to the opening quote of the piece. */
  private opening = NO_BYTES;
  /** From the closing quote of the piece to the end of the line. */
  private closing = NO_BYTES;
  /** From the closing quote of one piece to the opening quote of the next: closing, blank line, opening. */
  private between = NO_BYTES;

  /**
   * Takes the frame from a line that holds a whole event; none when no piece of text is found in it.
   * @param line in Latin-1, with its end of line, so that offsets are those of bytes.
   */
  learn(line: string): void {
    this.opening = NO_BYTES;
    const delta = keyEnd(line, '"delta"', 0);
    const start = delta < 0 ? -1 : pieceStart(line, delta);
    const end = start < 0 ? -1 : closingQuote(line, start);
    if (end < 0) return;
    const closing = line.slice(end);
    const opening = line.slice(0, start);
    const lineEnd = closing.endsWith('\r\n') ? '\r\n' : '\n';
    this.opening = Buffer.from(opening, 'latin1');
    this.closing = Buffer.from(closing, 'latin1');
    this.between = Buffer.from(closing + lineEnd + opening, 'latin1');
  }

  /** Offset of the first line from `at` on that is not a line in this frame: `at` itself when that one is not. */
  skip(block: Buffer, at: number): number {
    const { opening, closing, between } = this;
    if (opening.length === 0 || !equalsAt(block, opening, at)) return at;
    let lineStart = at;
    for (let piece = at + opening.length; ;) {
      const quote = endOfPlainPiece(block, piece);
      if (quote < 0) return lineStart;
      if (equalsAt(block, between, quote)) {
        this.characters += quote - piece;
        piece = quote + between.length;
        lineStart = piece - opening.length;
      } else if (equalsAt(block, closing, quote)) {
        this.characters += quote - piece;
        return quote + closing.length;
      } else {
        return lineStart;
      }
    }
  }
}

function equalsAt(block: Buffer, part: Buffer, at: number): boolean {
  const end = at + part.length;
  return end <= block.length && block.compare(part, 0, part.length, at, end) === 0;
}

/** The quote that ends a piece without escapes; -1 when it has some, or a character that JSON does not allow, or no end. */
function endOfPlainPiece(block: Buffer, from: number): number {
  for (let at = from; at < block.length; at++) {
    const byte = block[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

/** Keys of a delta whose value is a piece of text. */
const pieceKeys = ['"content"', '"arguments"', '"reasoning_content"', '"reasoning"'];

/** Offset of the first text in a delta that is not empty, after its opening quote; -1 when there is none. */
function pieceStart(line: string, from: number): number {
  for (const key of pieceKeys) {
    const opening = keyEnd(line, key, from);
    if (opening >= 0 && line.charCodeAt(opening) === QUOTE && line.charCodeAt(opening + 1) !== QUOTE)
      return opening + 1;
  }
  return -1;
}

/**
 * Offset of the value of a key. In valid JSON the key's text with both its quotes bare cannot lie within a string, where
 * quotes are escaped: `"content"` in an answer's text is `\"content\"`.
 */
function keyEnd(line: string, key: string, from: number): number {
  for (let at = line.indexOf(key, from); at >= 0; at = line.indexOf(key, at + 1)) {
    if (line.charCodeAt(at - 1) === BACKSLASH) continue;
    const colon = skipSpace(line, at + key.length);
    if (line[colon] === ':') return skipSpace(line, colon + 1);
  }
  return -1;
}

function skipSpace(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
}

/** The quote that ends the string which begins at `from`: the first with an even number of backslashes before it. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (line.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}
