import { mergeAnthropicUsage } from '@costlane/domain';
import { parseMessageEvents, type Message } from './message';
import { isObject, type JsonObject } from './refuse-field';

/** The whole message that a complete stream of Anthropic's spells out. Throws on a stream that does not begin with one, or holds no JSON. */
export function assembleMessage(sse: Buffer): Message {
  let message: Message | undefined;
  const inputs = new Map<number, string>();
  for (const event of parseMessageEvents(sse)) {
    if (event['type'] === 'message_start') {
      if (!isObject(event['message'])) break;
      message = { ...(event['message'] as Message), content: [] };
    } else if (message) takeEvent(message, inputs, event);
  }
  if (!message) throw new Error('a stream without a message');
  for (const [index, json] of inputs) {
    const block = message.content[index];
    if (block && json !== '') block['input'] = JSON.parse(json) as unknown;
  }
  return message;
}

function takeEvent(message: Message, inputs: Map<number, string>, event: JsonObject): void {
  const index = Number(event['index']);
  switch (event['type']) {
    case 'content_block_start':
      if (isObject(event['content_block'])) message.content[index] = { ...event['content_block'] };
      break;
    case 'content_block_delta': {
      const block = message.content[index];
      if (block && isObject(event['delta'])) addDelta(block, event['delta'], inputs, index);
      break;
    }
    case 'message_delta':
      if (isObject(event['delta'])) Object.assign(message, event['delta']);
      message.usage = { ...mergeAnthropicUsage(message.usage, event['usage']) };
  }
}

function addDelta(block: JsonObject, delta: JsonObject, inputs: Map<number, string>, index: number): void {
  const joined = (field: string): string => `${String(block[field] ?? '')}${String(delta[field] ?? '')}`;
  switch (delta['type']) {
    case 'text_delta':
      block['text'] = joined('text');
      break;
    case 'thinking_delta':
      block['thinking'] = joined('thinking');
      break;
    case 'signature_delta':
      block['signature'] = delta['signature'];
      break;
    case 'input_json_delta':
      inputs.set(index, (inputs.get(index) ?? '') + String(delta['partial_json'] ?? ''));
      break;
    case 'citations_delta':
      block['citations'] = [
        ...(Array.isArray(block['citations']) ? (block['citations'] as unknown[]) : []),
        delta['citation'],
      ];
  }
}
