import { usageTotals, type TokenUsage } from '@costlane/domain';
import { elementsIn, membersIn, type MemberSpan, type Span } from './scan-json';

/** The answer to an array, taken apart. */
export interface ArrayAnswer {
  /**
   * The answer to some of its inputs, with places from 0 on; `usage` undefined: the answer tells none. The vectors are the bytes that the provider
   * sent.
   */
  part(from: number, count: number, usage: TokenUsage | undefined): Buffer;
}

interface Entry {
  span: Span;
  /** Of the member that tells its place, without which the order does. */
  place?: Span;
}

/** Takes apart the answer to so many inputs; undefined when it has not one vector for each of them. */
export function splitAnswer(body: Buffer, inputs: number): ArrayAnswer | undefined {
  try {
    const { members } = membersIn(body);
    const data = members.filter(({ key }) => key === 'data');
    const [list] = data;
    if (!list || data.length > 1) return undefined;
    const entries = inOrder(
      body,
      elementsIn(body, list.from).map((span) => readEntry(body, span)),
    );
    return entries?.length === inputs
      ? { part: (from, count, usage) => writePart(body, { members, entries, from, count, usage }) }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readEntry(body: Buffer, span: Span): Entry {
  const { members } = membersIn(body, span.from);
  return { span, place: members.find(({ key }) => key === 'index') };
}

/** By their places, each of which has to be there once; without places as they came. */
function inOrder(body: Buffer, entries: readonly Entry[]): Entry[] | undefined {
  const ordered: Entry[] = [];
  for (const [position, entry] of entries.entries()) {
    const { place } = entry;
    const index = place ? Number(body.toString('latin1', place.from, place.to)) : position;
    if (!Number.isInteger(index) || index < 0 || index >= entries.length || ordered[index]) return undefined;
    ordered[index] = entry;
  }
  return ordered;
}

interface Part {
  members: readonly MemberSpan[];
  entries: readonly Entry[];
  from: number;
  count: number;
  usage: TokenUsage | undefined;
}

function writePart(body: Buffer, { members, entries, from, count, usage }: Part): Buffer {
  const pieces: (Buffer | string)[] = [];
  for (const { key, keyFrom, from: valueFrom, to } of members) {
    if (key === 'usage') continue;
    pieces.push(pieces.length === 0 ? '{' : ',');
    if (key !== 'data') {
      pieces.push(body.subarray(keyFrom, to));
      continue;
    }
    pieces.push(body.subarray(keyFrom, valueFrom), '[');
    for (const [index, entry] of entries.slice(from, from + count).entries()) {
      if (index > 0) pieces.push(',');
      pieces.push(...entryAt(body, entry, index));
    }
    pieces.push(']');
  }
  const totals = usage && usageTotals(usage);
  if (totals)
    pieces.push(`,"usage":${JSON.stringify({ prompt_tokens: totals.promptTokens, total_tokens: totals.totalTokens })}`);
  pieces.push('}');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function entryAt(body: Buffer, { span, place }: Entry, index: number): (Buffer | string)[] {
  if (!place) return [body.subarray(span.from, span.to)];
  return [body.subarray(span.from, place.from), String(index), body.subarray(place.to, span.to)];
}
