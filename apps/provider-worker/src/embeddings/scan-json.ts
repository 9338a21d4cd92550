/**
 * Finds parts of a JSON document by their bytes, so that vectors, which are most of an answer, need be neither read into numbers nor written
 * anew. The document has been parsed before (whoever made the call has): what is not valid may be taken for something that it is not.
 */

/** Where a part begins, and where it ends (exclusive). */
export interface Span {
  from: number;
  to: number;
}

export interface MemberSpan extends Span {
  /** As it is written, without its quotes. */
  key: string;
  /** From the key's quote on. */
  keyFrom: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

const broken = (): SyntaxError => new SyntaxError('the document ends, or goes on, where it should not');

/** The members of the object that begins at or behind `at`. Throws `SyntaxError`. */
export function membersIn(bytes: Buffer, at = 0): { members: MemberSpan[]; span: Span } {
  const start = byteAt(bytes, at, OPEN_BRACE);
  const members: MemberSpan[] = [];
  let next = afterSpace(bytes, start + 1);
  while (bytes[next] !== CLOSE_BRACE) {
    const keyFrom = byteAt(bytes, next, QUOTE);
    const keyTo = endOfString(bytes, keyFrom);
    const from = afterSpace(bytes, byteAt(bytes, keyTo, COLON) + 1);
    const to = endOfValue(bytes, from);
    members.push({ key: bytes.toString('latin1', keyFrom + 1, keyTo - 1), keyFrom, from, to });
    next = afterSeparator(bytes, to, CLOSE_BRACE);
  }
  return { members, span: { from: start, to: next + 1 } };
}

/** The elements of the list that begins at or behind `at`. Throws `SyntaxError`. */
export function elementsIn(bytes: Buffer, at: number): Span[] {
  const elements: Span[] = [];
  let next = afterSpace(bytes, byteAt(bytes, at, OPEN_BRACKET) + 1);
  while (bytes[next] !== CLOSE_BRACKET) {
    const to = endOfValue(bytes, next);
    elements.push({ from: next, to });
    next = afterSeparator(bytes, to, CLOSE_BRACKET);
  }
  return elements;
}

function endOfValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return endOfString(bytes, from);
  if (first === OPEN_BRACKET) return endOfNumbers(bytes, from) ?? endOfNested(bytes, from);
  if (first === OPEN_BRACE) return endOfNested(bytes, from);
  let to = from;
  while (to < bytes.length && !isEnd(bytes[to])) to++;
  if (to === from) throw broken();
  return to;
}

/** Of a list of nothing but numbers, which a vector is: found much faster than byte by byte. */
function endOfNumbers(bytes: Buffer, from: number): number | undefined {
  if (!isNumber(bytes[afterSpace(bytes, from + 1)])) return undefined;
  const end = after(bytes, from, CLOSE_BRACKET);
  const list = bytes.subarray(from + 1, end - 1);
  return [QUOTE, OPEN_BRACKET, OPEN_BRACE].some((byte) => list.includes(byte)) ? undefined : end;
}

function endOfNested(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    const numbersTo = byte === OPEN_BRACKET && depth > 0 ? endOfNumbers(bytes, at) : undefined;
    if (numbersTo !== undefined) at = numbersTo - 1;
    else if (byte === QUOTE) at = endOfString(bytes, at) - 1;
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
    else if ((byte === CLOSE_BRACKET || byte === CLOSE_BRACE) && --depth === 0) return at + 1;
  }
  throw broken();
}

function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; ;) {
    const end = after(bytes, at, QUOTE);
    let escapes = end - 2;
    while (bytes[escapes] === BACKSLASH && escapes > from) escapes--;
    // An odd number of backslashes before a quote makes it a part of the text.
    if ((end - 2 - escapes) % 2 === 0) return end;
    at = end;
  }
}

/** Behind the next such byte. */
function after(bytes: Buffer, from: number, byte: number): number {
  const at = bytes.indexOf(byte, from);
  if (at < 0) throw broken();
  return at + 1;
}

/** The next part, or the end of what holds it. */
function afterSeparator(bytes: Buffer, from: number, end: number): number {
  const at = afterSpace(bytes, from);
  if (bytes[at] === end) return at;
  return afterSpace(bytes, byteAt(bytes, at, COMMA) + 1);
}

/** Where this byte, which has to come next, is. */
function byteAt(bytes: Buffer, from: number, byte: number): number {
  const at = afterSpace(bytes, from);
  if (bytes[at] !== byte) throw broken();
  return at;
}

function afterSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isNumber = (byte: number | undefined): boolean =>
  byte === MINUS || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
const isEnd = (byte: number | undefined): boolean =>
  byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte);
