import { addFacts, noFacts, type AnswerFacts } from './answer-facts';

const LINE_FEED = 0x0a;

/** Reads the events of a streamed answer as they come, however their bytes are cut. */
export class StreamAnswer {
  readonly facts: AnswerFacts = noFacts();
  private rest: Buffer | undefined;

  push(bytes: Buffer): void {
    const all = this.rest ? Buffer.concat([this.rest, bytes]) : bytes;
    let start = 0;
    for (let end = all.indexOf(LINE_FEED); end >= 0; end = all.indexOf(LINE_FEED, start)) {
      this.line(all.toString('utf8', start, end));
      start = end + 1;
    }
    this.rest = start < all.length ? all.subarray(start) : undefined;
  }

  /** No more comes: a last line may have no end. */
  finish(): AnswerFacts {
    if (this.rest) this.line(this.rest.toString('utf8'));
    this.rest = undefined;
    return this.facts;
  }

  private line(line: string): void {
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (data === '' || data === '[DONE]') return;
    try {
      addFacts(this.facts, JSON.parse(data));
    } catch {
      // An event that is no JSON says nothing; the adapter makes it an error of its own.
    }
  }
}

/** What a chat completion says, whole or as the events of a stream; undefined for bytes that are neither. */
export function readAnswer(body: Buffer, form: 'json' | 'sse'): AnswerFacts | undefined {
  if (form === 'sse') {
    const answer = new StreamAnswer();
    answer.push(body);
    return answer.finish();
  }
  try {
    const facts = noFacts();
    addFacts(facts, JSON.parse(body.toString('utf8')));
    return facts;
  } catch {
    return undefined;
  }
}
