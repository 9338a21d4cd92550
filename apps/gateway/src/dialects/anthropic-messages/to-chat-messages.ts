import type { MessageRequest } from './parse-message';
import { given, isObject, listAt, objectAt, refuseField, refuseUnknown, textAt, type JsonObject } from './refuse-field';
import { toChatContent, toToolText } from './to-chat-content';

/** The system prompt and the messages of a request, as chat messages. Throws `invalid_request` naming what has no translation. */
export function toChatMessages(request: MessageRequest): JsonObject[] {
  const messages: JsonObject[] = [];
  const system = given(request, 'system');
  if (system !== undefined && system !== '') {
    const content = toChatContent(system, 'system', 'text');
    if (content !== undefined) messages.push({ role: 'system', content });
  }
  request.messages.forEach((message, i) => messages.push(...toMessages(message, `messages[${i}]`)));
  if (request.messages.at(-1)?.role === 'assistant') {
    const last = `messages[${request.messages.length - 1}]`;
    refuseField(last, 'the beginning of an answer cannot be given to this model; end with a message of the user.');
  }
  return messages;
}

function toMessages(message: JsonObject, at: string): JsonObject[] {
  refuseUnknown(message, messageKeys, at);
  const { role, content } = message;
  if (role === 'user') return userMessages(content, `${at}.content`);
  if (role === 'assistant') return [assistantMessage(content, `${at}.content`)];
  if (role === 'system') return plain('system', toChatContent(content, `${at}.content`, 'text'));
  return refuseField(`${at}.role`, 'must be user, assistant or system.');
}

const messageKeys = new Set(['role', 'content']);

const plain = (role: string, content: unknown): JsonObject[] => (content === undefined ? [] : [{ role, content }]);

/** Results of tools are messages of their own in a chat, right behind the calls: Anthropic wants them first as well. */
function userMessages(content: unknown, at: string): JsonObject[] {
  if (typeof content === 'string') return [{ role: 'user', content }];
  const blocks = listAt(content, at);
  const isResult = (block: unknown): boolean => isObject(block) && block['type'] === 'tool_result';
  const firstOther = blocks.findIndex((block) => !isResult(block));
  const count = firstOther < 0 ? blocks.length : firstOther;
  const late = blocks.findIndex((block, i) => i > count && isResult(block));
  if (late >= 0) refuseField(`${at}[${late}]`, 'results of tools have to come before everything else in a message.');
  const results = blocks.slice(0, count).map((block, i) => toolMessage(block as JsonObject, `${at}[${i}]`));
  const rest = blocks.slice(count);
  return [...results, ...plain('user', rest.length > 0 ? toChatContent(rest, at, 'any', count) : undefined)];
}

const resultKeys = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

/** A chat has no mark for a call that failed: the words say it. */
function toolMessage(block: JsonObject, at: string): JsonObject {
  refuseUnknown(block, resultKeys, at);
  const text = toToolText(given(block, 'content'), `${at}.content`);
  return {
    role: 'tool',
    tool_call_id: textAt(block['tool_use_id'], `${at}.tool_use_id`),
    content: block['is_error'] === true ? `Error: ${text}` : text,
  };
}

function assistantMessage(content: unknown, at: string): JsonObject {
  if (typeof content === 'string') return { role: 'assistant', content };
  const said: unknown[] = [];
  const calls: JsonObject[] = [];
  listAt(content, at).forEach((value, i) => {
    const block = objectAt(value, `${at}[${i}]`);
    if (block['type'] === 'tool_use') calls.push(toolCall(block, `${at}[${i}]`));
    else if (!isOwnThinking(block, `${at}[${i}]`)) said.push(block);
  });
  const text = said.length > 0 ? toChatContent(said, at, 'text') : undefined;
  return {
    role: 'assistant',
    content: text ?? (calls.length > 0 ? null : ''),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/**
 * Thinking that was shown by us has no signature, and models without signed thinking do not want it back. What Anthropic has signed only
 * Claude can go on with.
 */
function isOwnThinking(block: JsonObject, at: string): boolean {
  const { type, signature } = block;
  if (type === 'thinking' && (signature === '' || signature === undefined)) return true;
  if (type === 'thinking' || type === 'redacted_thinking') {
    refuseField(
      at,
      'thinking that Anthropic has signed can be gone on with by Claude only; leave it out, or ask a Claude model.',
    );
  }
  return false;
}

const callKeys = new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller']);

function toolCall(block: JsonObject, at: string): JsonObject {
  refuseUnknown(block, callKeys, at);
  const caller = given(block, 'caller');
  if (isObject(caller) && caller['type'] !== 'direct')
    refuseField(`${at}.caller`, 'calls by Anthropic’s own tools cannot be gone on with by this model.');
  return {
    id: textAt(block['id'], `${at}.id`),
    type: 'function',
    function: { name: textAt(block['name'], `${at}.name`), arguments: JSON.stringify(block['input'] ?? {}) },
  };
}
