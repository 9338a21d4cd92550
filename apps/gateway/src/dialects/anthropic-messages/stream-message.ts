import { encodeMessageEvent, PING, type Message } from './message';
import { isObject, type JsonObject } from './refuse-field';

/** Characters an event when a whole answer is told as a stream. */
const PIECE_CHARACTERS = 400;

/** A whole message as the events of a stream; `told` goes with the last of them. */
export function streamMessage(message: Message, told: JsonObject): string {
  const {
    content,
    stop_reason: stopReason,
    stop_sequence: stopSequence,
    usage,
    stop_details,
    container,
    ...head
  } = message;
  const begun = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 0 } };
  let events = encodeMessageEvent({ type: 'message_start', message: begun }) + PING;
  content.forEach((block, index) => {
    const { empty, deltas } = takenApart(block);
    events += encodeMessageEvent({ type: 'content_block_start', index, content_block: empty });
    for (const delta of deltas) events += encodeMessageEvent({ type: 'content_block_delta', index, delta });
    events += encodeMessageEvent({ type: 'content_block_stop', index });
  });
  const more = {
    ...(stop_details === undefined ? {} : { stop_details }),
    ...(container === undefined ? {} : { container }),
  };
  const delta = { stop_reason: stopReason, stop_sequence: stopSequence, ...more };
  events += encodeMessageEvent({ type: 'message_delta', delta, usage });
  return events + encodeMessageEvent({ type: 'message_stop', costlane: told });
}

/** A block as it begins, and what comes to it; blocks of other types come whole. */
function takenApart(block: JsonObject): { empty: JsonObject; deltas: JsonObject[] } {
  switch (block['type']) {
    case 'text':
      return {
        empty: { ...block, text: '', ...(Array.isArray(block['citations']) ? { citations: [] } : {}) },
        deltas: [
          ...(Array.isArray(block['citations']) ? (block['citations'] as unknown[]) : []).map((citation) => ({
            type: 'citations_delta',
            citation,
          })),
          ...pieces(block['text']).map((text) => ({ type: 'text_delta', text })),
        ],
      };
    case 'thinking':
      return {
        empty: { ...block, thinking: '', signature: '' },
        deltas: [
          ...pieces(block['thinking']).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block['signature'] ?? '' },
        ],
      };
    case 'tool_use':
    case 'server_tool_use':
      return {
        empty: { ...block, input: {} },
        deltas:
          isObject(block['input']) && Object.keys(block['input']).length === 0 ? [] : [inputDelta(block['input'])],
      };
    default:
      return { empty: block, deltas: [] };
  }
}

const inputDelta = (input: unknown): JsonObject => ({ type: 'input_json_delta', partial_json: JSON.stringify(input) });

/** Cut between code points: half a surrogate pair is not text. */
function pieces(text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const characters = Array.from(text);
  const cut: string[] = [];
  for (let start = 0; start < characters.length; start += PIECE_CHARACTERS) {
    cut.push(characters.slice(start, start + PIECE_CHARACTERS).join(''));
  }
  return cut;
}
