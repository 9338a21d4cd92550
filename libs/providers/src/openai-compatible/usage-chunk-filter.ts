import { isObject, parseObject } from './json-object';
import { SseBlocks } from './sse-blocks';

/** Takes the usage event out of a stream for a client that did not ask for it. */
export interface UsageChunkFilter {
  /** The bytes to pass on; empty when there are none yet. */
  push(bytes: Buffer): Buffer;
  /** What is left at the end of the stream, complete or not. */
  end(): Buffer;
}

const NO_BYTES = Buffer.alloc(0);
const USAGE_KEY = '"usage"';
const spaces = /\s/;

/**
 * A filter for one stream: removes the event that has no choices and a usage, wherever the bytes were split. Everything
 * else passes untouched, and uncopied unless an event was split.
 */
export function createUsageChunkFilter(): UsageChunkFilter {
  const blocks = new SseBlocks();
  return {
    push(bytes) {
      const block = blocks.push(bytes);
      return block ? withoutUsageEvents(block) : NO_BYTES;
    },
    end: () => blocks.rest(),
  };
}

function withoutUsageEvents(block: Buffer): Buffer {
  const text = block.toString('latin1');
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = nextUsage(text, 0); at >= 0; at = nextUsage(text, at + 1)) {
    const start = eventStart(text, at);
    const end = eventEnd(text, at);
    if (start < from || !isUsageEvent(text.slice(start, end))) continue;
    if (start > from) kept.push(block.subarray(from, start));
    from = end;
  }
  if (from === 0) return block;
  if (from < block.length) kept.push(block.subarray(from));
  return kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
}

/** Offset of the next `"usage"` whose value is an object; most events say `"usage":null`. */
function nextUsage(text: string, from: number): number {
  for (let at = text.indexOf(USAGE_KEY, from); at >= 0; at = text.indexOf(USAGE_KEY, at + 1)) {
    let next = at + USAGE_KEY.length;
    while (text[next] === ':' || spaces.test(text.charAt(next))) next++;
    if (text[next] === '{') return at;
  }
  return -1;
}

function eventStart(text: string, at: number): number {
  const plain = text.lastIndexOf('\n\n', at);
  const withReturn = text.lastIndexOf('\n\r\n', at);
  return Math.max(plain < 0 ? 0 : plain + 2, withReturn < 0 ? 0 : withReturn + 3);
}

function eventEnd(text: string, at: number): number {
  const plain = text.indexOf('\n\n', at);
  const withReturn = text.indexOf('\n\r\n', at);
  const ends = [plain < 0 ? text.length : plain + 2, withReturn < 0 ? text.length : withReturn + 3];
  return Math.min(...ends);
}

function isUsageEvent(event: string): boolean {
  const line = event.split('\n').find((candidate) => candidate.startsWith('data:'));
  const json = line === undefined ? undefined : parseObject(line.slice('data:'.length));
  return (
    json !== undefined && Array.isArray(json['choices']) && json['choices'].length === 0 && isObject(json['usage'])
  );
}
