import { isObject, parseObject, type JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import { convertParts } from './convert-parts';
import type { GeminiTraits } from './gemini-traits';
import { NO_SIGNATURE, signatureOf } from './thought-signature';

export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
}

export interface ConvertedMessages {
  /** All system and developer messages, in their order. */
  readonly system: JsonObject[];
  readonly contents: GeminiContent[];
}

const systemKeys = new Set(['role', 'content']);
const userKeys = systemKeys;
/** `reasoning_content` is a summary of thoughts, which Gemini does not take back: their signature is. */
const assistantKeys = new Set(['role', 'content', 'refusal', 'tool_calls', 'reasoning_content', 'extra_content']);
const toolKeys = new Set(['role', 'content', 'tool_call_id']);
const callKeys = new Set(['id', 'type', 'function', 'index', 'extra_content']);
const functionKeys = new Set(['name', 'arguments']);

type Traits = Pick<GeminiTraits, 'wantsSignatures' | 'goesOnWithAnswers'>;

/**
 * Messages of a chat completion request as Gemini takes them: system prompts apart; results of calls in the user's turn, those
 * of parallel calls together, under the name of what was called; neighbours of one role merged.
 * @throws CostlaneError `invalid_request` naming the field that cannot be translated.
 */
export function convertMessages(list: unknown, traits: Traits): ConvertedMessages {
  const system: JsonObject[] = [];
  const contents: GeminiContent[] = [];
  const calledNames = new Map<string, string>();
  const add = (role: GeminiContent['role'], parts: JsonObject[]): void => {
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  };
  listAt(list, 'messages').forEach((value, i) => {
    const at = `messages[${i}]`;
    const message = objectAt(value, at);
    switch (message['role']) {
      case 'system':
      case 'developer':
        refuseUnknown(message, systemKeys, at);
        system.push(...textOnly(convertParts(message['content'], `${at}.content`), `${at}.content`));
        break;
      case 'user':
        refuseUnknown(message, userKeys, at);
        add('user', notEmpty(convertParts(message['content'], `${at}.content`), at));
        break;
      case 'assistant':
        add('model', notEmpty(convertAssistant(message, at, calledNames, traits), at));
        break;
      case 'tool':
        add('user', [convertToolResult(message, at, calledNames)]);
        break;
      default:
        refuse(`${at}.role`, 'must be one of system, developer, user, assistant and tool.');
    }
  });
  if (contents.length === 0) refuse('messages', 'Gemini needs a user message besides the system prompt.');
  if (contents.at(-1)?.role === 'model' && !traits.goesOnWithAnswers) {
    refuse('messages', 'must not end with an answer: this model does not go on with one.');
  }
  return { system, contents };
}

function convertAssistant(
  message: JsonObject,
  at: string,
  calledNames: Map<string, string>,
  traits: Traits,
): JsonObject[] {
  const { annotations, ...rest } = message;
  // Clients send answers back as they got them, with this list in it.
  const hasNoAnnotations = Array.isArray(annotations) && annotations.length === 0;
  refuseUnknown(hasNoAnnotations ? rest : message, assistantKeys, at);
  const said = [
    ...convertParts(message['content'], `${at}.content`),
    ...convertParts(given(message, 'refusal'), `${at}.refusal`),
  ];
  const signature = signatureOf(message, at);
  const last = said.at(-1);
  if (signature !== undefined && last) said[said.length - 1] = { ...last, thoughtSignature: signature };
  const calls = given(message, 'tool_calls');
  const list = calls === undefined ? [] : listAt(calls, `${at}.tool_calls`);
  return [
    ...said,
    ...list.map((value, i) => {
      const call = objectAt(value, `${at}.tool_calls[${i}]`);
      const part = convertCall(call, `${at}.tool_calls[${i}]`, calledNames);
      // Of parallel calls the first alone has a signature.
      const isMissing = i === 0 && traits.wantsSignatures && part['thoughtSignature'] === undefined;
      return isMissing ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
    }),
  ];
}

function convertCall(call: JsonObject, at: string, calledNames: Map<string, string>): JsonObject {
  refuseUnknown(call, callKeys, at);
  if (given(call, 'type') !== 'function') refuse(`${at}.type`, 'Gemini knows calls of functions only.');
  const called = objectAt(call['function'], `${at}.function`);
  refuseUnknown(called, functionKeys, `${at}.function`);
  const text = textAt(given(called, 'arguments') ?? '', `${at}.function.arguments`);
  const args = text.trim() === '' ? {} : parseObject(text);
  if (!args) refuse(`${at}.function.arguments`, 'must be a JSON object, which Gemini wants as such.');
  const id = textAt(call['id'], `${at}.id`);
  const name = textAt(called['name'], `${at}.function.name`);
  calledNames.set(id, name);
  const signature = signatureOf(call, at);
  return { functionCall: { id, name, args }, ...(signature === undefined ? {} : { thoughtSignature: signature }) };
}

/** Gemini wants results as objects, and each under the name of its function. */
function convertToolResult(message: JsonObject, at: string, calledNames: ReadonlyMap<string, string>): JsonObject {
  refuseUnknown(message, toolKeys, at);
  const id = textAt(message['tool_call_id'], `${at}.tool_call_id`);
  const name = calledNames.get(id);
  if (name === undefined) refuse(`${at}.tool_call_id`, 'is not the id of a call in an earlier message.');
  const text = textOnly(convertParts(message['content'], `${at}.content`), `${at}.content`)
    .map((part) => String(part['text']))
    .join('');
  return { functionResponse: { id, name, response: parseObject(text) ?? { result: text } } };
}

function notEmpty(parts: JsonObject[], at: string): JsonObject[] {
  return parts.length > 0 ? parts : refuse(`${at}.content`, 'is empty, which Gemini does not take.');
}

function textOnly(parts: JsonObject[], at: string): JsonObject[] {
  const isText = parts.every((part) => !isObject(part['inlineData']));
  return isText ? parts : refuse(at, 'can have text only for Gemini.');
}
