import type { TokenUsage } from '@costlane/domain';
import type { StreamScanner } from './answer-format';
import { modelOf } from './extract-usage';
import { isObject, parseObject, textOf, type JsonObject } from './json-object';
import { responseFacts } from './read-response';
import type { StreamFault } from './scan-sse';
import { SseBlocks } from './sse-blocks';

/** An event longer than this is taken for a broken stream. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const EVENT_END = Buffer.from('\n\n');
const DATA = 'data:';
const DONE = '[DONE]';

const endings = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/**
 * Follows the events of OpenAI's Responses API. They end with `response.completed` or `response.incomplete`, which bring the whole
 * response with its usage; `response.failed` and `error` are faults, so that a call of which nothing was shown can be made again.
 */
export class ResponseEventScanner implements StreamScanner {
  usage: TokenUsage | undefined;
  modelUsed: string | undefined;
  serviceTier: string | undefined;
  isDone = false;
  fault: StreamFault | undefined;
  characters = 0;
  isWhole = false;
  readonly finishReasons: string[] = [];
  private readonly blocks = new SseBlocks();

  push(bytes: Buffer): Buffer | undefined {
    if (this.fault) return undefined;
    const block = this.blocks.push(bytes);
    if (block) return this.scan(block);
    if (this.blocks.pendingBytes > MAX_EVENT_BYTES) this.fault = { kind: 'malformed' };
    return undefined;
  }

  finish(): Buffer | undefined {
    const rest = this.blocks.rest();
    if (rest.length === 0 || this.fault) return undefined;
    const events = this.scan(Buffer.concat([rest, EVENT_END]));
    // A last event that was cut is a stream that broke off, which its missing end shows better than a fault does.
    if ((this.fault as StreamFault | undefined)?.kind === 'malformed') this.fault = undefined;
    return events;
  }

  /** Looks at the lines of whole events; gives back the events, cut before the one at fault. */
  private scan(block: Buffer): Buffer | undefined {
    const text = block.toString('latin1');
    let eventStart = 0;
    for (let at = 0; at < text.length;) {
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed < 0 ? text.length : lineFeed + 1;
      const line = text.slice(at, next).trim();
      if (line === '') eventStart = next;
      else if (line.startsWith(DATA)) {
        this.takeData(line.slice(DATA.length).trim());
        if (this.fault) return eventStart > 0 ? block.subarray(0, eventStart) : undefined;
      }
      at = next;
    }
    return block;
  }

  private takeData(data: string): void {
    // Not OpenAI's way of ending these streams, but some compatible servers'.
    if (data === DONE) return;
    const json = parseObject(data);
    if (!json) this.fault = { kind: 'malformed' };
    else if (json['type'] === 'error' || isObject(json['error'])) this.fault = { kind: 'error', body: errorBody(json) };
    else this.takeEvent(json);
  }

  private takeEvent(json: JsonObject): void {
    const { type, delta, response } = json;
    if (typeof delta === 'string') this.characters += delta.length;
    if (!isObject(response)) return;
    this.modelUsed = modelOf(response) ?? this.modelUsed;
    const isEnd = typeof type === 'string' && endings.has(type);
    // What the first events say is the tier asked for, the last one which it was.
    if (isEnd) this.end(response, type === 'response.failed');
  }

  private end(response: JsonObject, hasFailed: boolean): void {
    const facts = responseFacts(response);
    this.usage = facts?.usage;
    this.serviceTier = textOf(response['service_tier']);
    if (hasFailed) {
      this.fault = { kind: 'error', body: errorBody(response) };
      return;
    }
    this.isDone = true;
    this.finishReasons.push(facts?.finishReason ?? 'incomplete');
    this.isWhole = facts?.isWhole === true;
  }
}

/** An error, whether in an object of its own or spread over the event, as an error answer has it. */
function errorBody(json: JsonObject): Buffer {
  const { error, code, message, param } = json;
  const detail = isObject(error) ? error : { code, message, param };
  // The text came as Latin-1: its bytes are those of the provider.
  return Buffer.from(JSON.stringify({ error: detail }), 'latin1');
}
