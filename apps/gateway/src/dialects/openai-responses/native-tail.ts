import type { ToldCosts } from '../openai-answers/answer-writer';

const NEW_LINE = 0x0a;
const EMPTY = Buffer.alloc(0);
/** How the last event begins, with and without its name on a line of its own. */
const endings = ['completed', 'incomplete', 'failed'].flatMap((end) => [
  Buffer.from(`event: response.${end}`),
  Buffer.from(`data: {"type":"response.${end}"`),
]);
/** In front of an ending, in bytes that may hold the rest of it next time. */
const MAX_NAME_BYTES = 64;

/**
 * Lets the events of a provider's response stream through but the last, which brings the whole response: the costs, known only then, go
 * with it, and its bytes stay as they came.
 */
export class NativeTail {
  private held: Buffer = EMPTY;
  private isEnding = false;
  private lastNumber = -1;

  push(bytes: Buffer): Buffer {
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const at = this.isEnding ? 0 : endingAt(all);
    if (at !== undefined) this.isEnding = true;
    // A line that has begun may become the ending's.
    const end = at ?? all.length - unfinished(all);
    this.held = all.subarray(end);
    const passed = all.subarray(0, end);
    if (passed.length > 0) this.lastNumber = lastNumberOf(passed) ?? this.lastNumber;
    return passed;
  }

  /** What was kept back. Throws where the stream has no ending. */
  end(told: ToldCosts): string {
    const last = this.held.toString('utf8');
    if (!this.isEnding) return `${last}: costlane ${JSON.stringify(told)}\n\n`;
    const brace = last.lastIndexOf('}');
    return `${last.slice(0, brace)},"costlane":${JSON.stringify(told)}${last.slice(brace)}`;
  }

  get nextNumber(): number {
    return this.lastNumber + 1;
  }
}

/** Where the line begins that begins the last event. Within JSON no line begins: its line ends are escaped. */
function endingAt(bytes: Buffer): number | undefined {
  for (const ending of endings) {
    for (let at = bytes.indexOf(ending); at >= 0; at = bytes.indexOf(ending, at + 1)) {
      if (at === 0 || bytes[at - 1] === NEW_LINE) return at;
    }
  }
  return undefined;
}

/** Bytes at the end that are the beginning of a line and no more than that. */
function unfinished(bytes: Buffer): number {
  const start = bytes.lastIndexOf(NEW_LINE) + 1;
  const length = bytes.length - start;
  return length <= MAX_NAME_BYTES ? length : 0;
}

function lastNumberOf(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf('"sequence_number":');
  const digits = at < 0 ? null : /^"sequence_number":\s*(\d+)/.exec(bytes.toString('latin1', at, at + 40));
  return digits ? Number(digits[1]) : undefined;
}
