import { isObject, parseObject, type JsonObject } from '../openai-compatible/json-object';
import { convertContent } from './convert-content';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

export interface ClaudeMessage {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

export interface ConvertedMessages {
  /** All system and developer messages, in their order. */
  readonly system: JsonObject[];
  readonly messages: ClaudeMessage[];
}

const systemKeys = new Set(['role', 'content']);
const userKeys = systemKeys;
/** `reasoning_content` is the text of `thinking_blocks`, which are what Claude takes back. */
const assistantKeys = new Set(['role', 'content', 'refusal', 'tool_calls', 'reasoning_content', 'thinking_blocks']);
const toolKeys = new Set(['role', 'content', 'tool_call_id']);
const callKeys = new Set(['id', 'type', 'function', 'index']);
const functionKeys = new Set(['name', 'arguments']);

/**
 * Messages of a chat completion request as Claude takes them: system prompts apart; tool results in the user's turn, those
 * of parallel calls together in one, since Claude wants all of them right after the calls; neighbours of one role merged.
 * @throws CostlaneError `invalid_request` naming the field that cannot be translated.
 */
export function convertMessages(list: unknown): ConvertedMessages {
  const system: JsonObject[] = [];
  const messages: ClaudeMessage[] = [];
  const add = (role: ClaudeMessage['role'], content: JsonObject[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...content);
    else messages.push({ role, content });
  };
  listAt(list, 'messages').forEach((value, i) => {
    const at = `messages[${i}]`;
    const message = objectAt(value, at);
    switch (message['role']) {
      case 'system':
      case 'developer':
        refuseUnknown(message, systemKeys, at);
        system.push(...textOnly(convertContent(message['content'], `${at}.content`), `${at}.content`));
        break;
      case 'user':
        refuseUnknown(message, userKeys, at);
        add('user', notEmpty(convertContent(message['content'], `${at}.content`), at));
        break;
      case 'assistant':
        add('assistant', notEmpty(convertAssistant(message, at), at));
        break;
      case 'tool':
        add('user', [convertToolResult(message, at)]);
        break;
      default:
        refuse(`${at}.role`, 'must be one of system, developer, user, assistant and tool.');
    }
  });
  if (messages.length === 0) refuse('messages', 'Claude needs a user message besides the system prompt.');
  return { system, messages };
}

function convertAssistant(message: JsonObject, at: string): JsonObject[] {
  const { annotations, ...rest } = message;
  // Clients send answers back as they got them, with this list in it.
  const hasNoAnnotations = Array.isArray(annotations) && annotations.length === 0;
  refuseUnknown(hasNoAnnotations ? rest : message, assistantKeys, at);
  const calls = given(message, 'tool_calls');
  const refusal = given(message, 'refusal');
  return [
    ...thinkingBlocks(message, at),
    ...convertContent(message['content'], `${at}.content`),
    ...convertContent(refusal, `${at}.refusal`),
    ...(calls === undefined ? [] : listAt(calls, `${at}.tool_calls`)).map((call, i) =>
      convertCall(objectAt(call, `${at}.tool_calls[${i}]`), `${at}.tool_calls[${i}]`),
    ),
  ];
}

/** Thinking of an earlier answer, as it was given out (`convert-reply.ts`): with its signature Claude goes on from there. */
function thinkingBlocks(message: JsonObject, at: string): JsonObject[] {
  const blocks = given(message, 'thinking_blocks');
  if (blocks === undefined) return [];
  return listAt(blocks, `${at}.thinking_blocks`).map((block, i) => {
    if (isObject(block) && (block['type'] === 'thinking' || block['type'] === 'redacted_thinking')) return block;
    return refuse(`${at}.thinking_blocks[${i}]`, 'must be a thinking block as an earlier answer contained it.');
  });
}

function convertCall(call: JsonObject, at: string): JsonObject {
  refuseUnknown(call, callKeys, at);
  if (given(call, 'type') !== 'function') refuse(`${at}.type`, 'Claude knows calls of functions only.');
  const called = objectAt(call['function'], `${at}.function`);
  refuseUnknown(called, functionKeys, `${at}.function`);
  const text = textAt(given(called, 'arguments') ?? '', `${at}.function.arguments`);
  const input = text.trim() === '' ? {} : parseObject(text);
  if (!input) refuse(`${at}.function.arguments`, 'must be a JSON object, which Claude wants as such.');
  return {
    type: 'tool_use',
    id: textAt(call['id'], `${at}.id`),
    name: textAt(called['name'], `${at}.function.name`),
    input,
  };
}

function convertToolResult(message: JsonObject, at: string): JsonObject {
  refuseUnknown(message, toolKeys, at);
  const content = convertContent(message['content'], `${at}.content`);
  const id = textAt(message['tool_call_id'], `${at}.tool_call_id`);
  return { type: 'tool_result', tool_use_id: id, ...(content.length > 0 ? { content } : {}) };
}

function notEmpty(content: JsonObject[], at: string): JsonObject[] {
  return content.length > 0 ? content : refuse(`${at}.content`, 'is empty, which Claude does not take.');
}

function textOnly(content: JsonObject[], at: string): JsonObject[] {
  const isText = content.every((block) => block['type'] === 'text');
  return isText ? content : refuse(at, 'a system prompt can have text only.');
}
