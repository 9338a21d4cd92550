import type { JsonObject } from './refuse-field';

/** Parts of Anthropic's message object that are read and made here; everything else is carried along. */
export interface Message extends JsonObject {
  id?: unknown;
  type: 'message';
  role: 'assistant';
  model?: unknown;
  content: JsonObject[];
  stop_reason: string | null;
  stop_sequence: string | null;
  usage: JsonObject;
}

/** An event of a streamed message, as server-sent. */
export const encodeMessageEvent = (event: { type: string } & JsonObject): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

export const PING = encodeMessageEvent({ type: 'ping' });

/** The data of each event of a stream, in order. Throws on what is no JSON. */
export function parseMessageEvents(sse: Buffer): JsonObject[] {
  const events: JsonObject[] = [];
  for (const line of sse.toString('utf8').split(/\r\n|\n/)) {
    if (line.startsWith('data:')) events.push(JSON.parse(line.slice(5)) as JsonObject);
  }
  return events;
}

/** A chat completion's id in the form that Anthropic's have. */
export const messageId = (id: unknown): string => {
  const text = typeof id === 'string' ? id : '';
  return text.startsWith('msg_') ? text : `msg_${text.replace(/^chatcmpl-?/, '')}`;
};

const stopReasons: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/** OpenAI's reason to stop in Anthropic's words; one that is unknown ends the answer plainly. */
export const stopReasonOf = (finishReason: string | null | undefined): string =>
  (finishReason && Object.hasOwn(stopReasons, finishReason) ? stopReasons[finishReason] : undefined) ?? 'end_turn';
