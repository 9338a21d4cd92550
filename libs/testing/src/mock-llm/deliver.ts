import type { Behaviour } from './behaviour';
import type { Failure } from './decide-failure';
import type { Exchange } from './exchange';
import type { EventStream } from './render-chat';

/** A composed answer in its wire shape. */
export type Delivery = { kind: 'json'; body: string } | { kind: 'events'; events: EventStream };

/** Sends an answer in the way that behaviour and failure ask for. */
export function deliver(
  exchange: Exchange,
  delivery: Delivery,
  behaviour: Behaviour,
  failure: Failure | undefined,
): void {
  if (delivery.kind === 'json') deliverJson(exchange, delivery.body, behaviour, failure);
  else if (failure?.kind === 'truncate') deliverTruncated(exchange, join(delivery.events), eventsType, behaviour);
  else deliverEvents(exchange, delivery.events, behaviour, failure);
}

const jsonType = 'application/json';
const eventsType = 'text/event-stream; charset=utf-8';
const eventHeaders = ['cache-control', 'no-cache'];

function deliverJson(exchange: Exchange, whole: string, behaviour: Behaviour, failure: Failure | undefined): void {
  // An answer that is not streamed has no chunks: cutting it means breaking off half-way, as truncating does.
  if (failure?.kind === 'truncate' || failure?.kind === 'cut') {
    deliverTruncated(exchange, whole, jsonType, behaviour);
    return;
  }
  const body = failure?.kind === 'malformed' ? firstHalf(whole) : whole;
  exchange.writeHead(200, jsonType, Buffer.byteLength(body));
  afterFirstByteDelay(exchange, behaviour, () => exchange.response.end(body));
}

function deliverTruncated(exchange: Exchange, whole: string, contentType: string, behaviour: Behaviour): void {
  exchange.writeHead(200, contentType, Buffer.byteLength(whole));
  afterFirstByteDelay(exchange, behaviour, () => exchange.cutAfterWriting(firstHalf(whole)));
}

function deliverEvents(
  exchange: Exchange,
  events: EventStream,
  behaviour: Behaviour,
  failure: Failure | undefined,
): void {
  const lead = events.lead.join('');
  const tail = events.tail.join('');
  const cutAfter = failure?.kind === 'cut' ? failure.afterChunks : Infinity;
  const content = failure?.kind === 'malformed' ? withMalformedLine(events.content) : events.content;
  exchange.writeHead(200, eventsType, undefined, eventHeaders);
  afterFirstByteDelay(exchange, behaviour, () => {
    const intervalMs = behaviour.chunkIntervalMs ?? 0;
    if (intervalMs > 0) writePaced(exchange, { lead, content, tail, intervalMs, cutAfter });
    else writeBurst(exchange, lead, content, tail, cutAfter);
  });
}

/** All events in one write, as a provider's burst arrives: on the wire this is what corked writes become. */
function writeBurst(exchange: Exchange, lead: string, content: string[], tail: string, cutAfter: number): void {
  if (cutAfter < Infinity) {
    exchange.chunksSent = Math.min(cutAfter, content.length);
    exchange.cutAfterWriting(lead + content.slice(0, cutAfter).join(''));
    return;
  }
  exchange.chunksSent = content.length;
  exchange.response.end(lead + content.join('') + tail);
}

interface PacedStream {
  lead: string;
  content: string[];
  tail: string;
  intervalMs: number;
  cutAfter: number;
}

/** One write per content event with a pause between them; waits for a slow reader instead of buffering for it. */
function writePaced(exchange: Exchange, stream: PacedStream): void {
  const { response } = exchange;
  const { lead, content, tail, intervalMs, cutAfter } = stream;
  const writeNext = (): void => {
    const piece = content[exchange.chunksSent] ?? '';
    exchange.chunksSent += 1;
    if (exchange.chunksSent >= cutAfter) exchange.cutAfterWriting(piece);
    else if (exchange.chunksSent >= content.length) response.end(piece + tail);
    else if (response.write(piece)) exchange.after(intervalMs, writeNext);
    else response.once('drain', () => exchange.after(intervalMs, writeNext));
  };
  if (cutAfter === 0) {
    exchange.cutAfterWriting(lead);
    return;
  }
  if (lead !== '') response.write(lead);
  exchange.after(intervalMs, writeNext);
}

function afterFirstByteDelay(exchange: Exchange, behaviour: Behaviour, step: () => void): void {
  const delayMs = behaviour.firstByteMs ?? 0;
  if (delayMs > 0) exchange.response.flushHeaders();
  exchange.after(delayMs, step);
}

/** Puts a line with JSON that ends too early into the middle of a stream; the rest follows as if nothing were wrong. */
function withMalformedLine(content: readonly string[]): string[] {
  const middle = Math.floor(content.length / 2);
  const broken = 'data: {"id":"chatcmpl-broken","choices":[{"index":0,"delta":{"content":"\n\n';
  return [...content.slice(0, middle), broken, ...content.slice(middle)];
}

function firstHalf(text: string): string {
  return text.slice(0, Math.floor(text.length / 2));
}

function join(events: EventStream): string {
  return [...events.lead, ...events.content, ...events.tail].join('');
}
