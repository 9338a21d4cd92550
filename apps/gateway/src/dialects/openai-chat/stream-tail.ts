/**
 * Lets the events of a chat stream through and keeps back what belongs at its end: the usage-only chunk and `[DONE]`, so that the costs,
 * which are known only then, can be told in the last event, and usage be left out for a client that did not ask for it.
 */
export interface StreamTail {
  /** Bytes to send now; may be empty. */
  push(bytes: Buffer): Buffer;
  /** What was kept back. `rest`: bytes that were no event, as they came. */
  finish(): { usageChunk: Record<string, unknown> | undefined; isDone: boolean; rest: Buffer };
}

const EMPTY = Buffer.alloc(0);
const DONE = Buffer.from('[DONE]');
const NO_CHOICES = [Buffer.from('"choices":[]'), Buffer.from('"choices": []')];
const NEW_LINE = 0x0a;
const RETURN = 0x0d;

export function createStreamTail(): StreamTail {
  let pending: Buffer = EMPTY;
  let usageChunk: Record<string, unknown> | undefined;
  let isDone = false;

  /** Most reads hold whole events, none of them the last: they pass as they are. */
  const isPlain = (bytes: Buffer): boolean =>
    pending.length === 0 &&
    endsEvent(bytes, bytes.length) &&
    !bytes.includes(DONE) &&
    !NO_CHOICES.some((mark) => bytes.includes(mark));

  const isKeptBack = (event: Buffer): boolean => {
    if (event.includes(DONE) && dataOf(event) === '[DONE]') return (isDone = true);
    if (!NO_CHOICES.some((mark) => event.includes(mark))) return false;
    const chunk = parseObject(dataOf(event));
    if (!Array.isArray(chunk?.['choices']) || chunk['choices'].length > 0 || !chunk['usage']) return false;
    usageChunk = chunk;
    return true;
  };

  return {
    push(bytes) {
      if (isPlain(bytes)) return bytes;
      const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      const passed: Buffer[] = [];
      let start = 0;
      for (let end = eventEnd(all, start); end >= 0; end = eventEnd(all, start)) {
        const event = all.subarray(start, end);
        if (!isKeptBack(event)) passed.push(event);
        start = end;
      }
      pending = all.subarray(start);
      return passed.length === 1 ? (passed[0] as Buffer) : Buffer.concat(passed);
    },
    finish: () => ({ usageChunk, isDone, rest: pending }),
  };
}

/** Just behind the empty line that ends the event which begins at `start`, or -1. */
function eventEnd(bytes: Buffer, start: number): number {
  // Another empty line where an event might begin ends nothing, and goes on by itself.
  if (bytes[start] === NEW_LINE) return start + 1;
  if (bytes[start] === RETURN && bytes[start + 1] === NEW_LINE) return start + 2;
  for (let at = bytes.indexOf(NEW_LINE, start); at >= 0; at = bytes.indexOf(NEW_LINE, at + 1)) {
    if (endsEvent(bytes, at + 1)) return at + 1;
  }
  return -1;
}

/** Whether an empty line (LF LF or CR LF CR LF) ends at `end`. */
function endsEvent(bytes: Buffer, end: number): boolean {
  if (end < 2 || bytes[end - 1] !== NEW_LINE) return false;
  if (bytes[end - 2] === NEW_LINE) return true;
  return end >= 4 && bytes[end - 2] === RETURN && bytes[end - 3] === NEW_LINE;
}

function dataOf(event: Buffer): string {
  return event
    .toString('utf8')
    .split(/\r\n|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
