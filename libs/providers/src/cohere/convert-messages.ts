import { parseObject, type JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import type { CommandTraits } from './command-traits';
import { convertParts, textOfParts } from './convert-parts';

const systemKeys = new Set(['role', 'content']);
const userKeys = systemKeys;
const assistantKeys = new Set(['role', 'content', 'refusal', 'tool_calls', 'reasoning_content']);
const toolKeys = new Set(['role', 'content', 'tool_call_id']);
const callKeys = new Set(['id', 'type', 'function', 'index']);
const functionKeys = new Set(['name', 'arguments']);

type Traits = Pick<CommandTraits, 'takesImages'>;

/**
 * Messages of a chat completion request as Cohere takes them: the system prompts as one and in front of everything ("system turn
 * must be the first in the list"); what an assistant said beside its calls, or thought before them, as the plan of the calls.
 * @throws CostlaneError `invalid_request` naming the field that cannot be translated.
 */
export function convertMessages(list: unknown, { takesImages }: Traits): JsonObject[] {
  const system: JsonObject[] = [];
  const turns: JsonObject[] = [];
  const calledIds = new Set<string>();
  listAt(list, 'messages').forEach((value, i) => {
    const at = `messages[${i}]`;
    const message = objectAt(value, at);
    switch (message['role']) {
      case 'system':
      case 'developer': {
        refuseUnknown(message, systemKeys, at);
        const text = textOfParts(message['content'], `${at}.content`);
        if (text !== '') system.push({ type: 'text', text });
        break;
      }
      case 'user':
        turns.push(convertUser(message, at, takesImages));
        break;
      case 'assistant':
        turns.push(convertAssistant(message, at, calledIds));
        break;
      case 'tool':
        turns.push(convertToolResult(message, at, calledIds));
        break;
      default:
        refuse(`${at}.role`, 'must be one of system, developer, user, assistant and tool.');
    }
  });
  if (turns.length === 0) refuse('messages', 'Cohere needs a user message besides the system prompt.');
  return system.length > 0 ? [{ role: 'system', content: system }, ...turns] : turns;
}

function convertUser(message: JsonObject, at: string, takesImages: boolean): JsonObject {
  refuseUnknown(message, userKeys, at);
  const parts = convertParts(message['content'], `${at}.content`);
  const [only] = parts;
  if (!only) return refuse(`${at}.content`, 'is empty, which Cohere does not take.');
  if (!takesImages && parts.some(({ type }) => type === 'image_url')) {
    refuse(`${at}.content`, 'has an image, which this model cannot see.');
  }
  return { role: 'user', content: parts.length === 1 && only['type'] === 'text' ? only['text'] : parts };
}

function convertAssistant(message: JsonObject, at: string, calledIds: Set<string>): JsonObject {
  const { annotations, ...rest } = message;
  // Clients send answers back as they got them, with this list in it.
  const hasNoAnnotations = Array.isArray(annotations) && annotations.length === 0;
  refuseUnknown(hasNoAnnotations ? rest : message, assistantKeys, at);
  const said =
    textOfParts(message['content'], `${at}.content`) + textOfParts(given(message, 'refusal'), `${at}.refusal`);
  const list = given(message, 'tool_calls');
  const calls = (list === undefined ? [] : listAt(list, `${at}.tool_calls`)).map((value, i) =>
    convertCall(objectAt(value, `${at}.tool_calls[${i}]`), `${at}.tool_calls[${i}]`, calledIds),
  );
  if (calls.length === 0) {
    // Thoughts before a text are not taken back, as by other models that reason.
    return said === ''
      ? refuse(`${at}.content`, 'is empty, which Cohere does not take.')
      : { role: 'assistant', content: said };
  }
  const plan = said === '' ? textAt(given(message, 'reasoning_content') ?? '', `${at}.reasoning_content`) : said;
  return { role: 'assistant', tool_calls: calls, ...(plan === '' ? {} : { tool_plan: plan }) };
}

function convertCall(call: JsonObject, at: string, calledIds: Set<string>): JsonObject {
  refuseUnknown(call, callKeys, at);
  if (given(call, 'type') !== 'function') refuse(`${at}.type`, 'Cohere knows calls of functions only.');
  const called = objectAt(call['function'], `${at}.function`);
  refuseUnknown(called, functionKeys, `${at}.function`);
  const text = textAt(given(called, 'arguments') ?? '', `${at}.function.arguments`);
  if (text.trim() !== '' && !parseObject(text)) {
    refuse(`${at}.function.arguments`, 'must be a JSON object in a text.');
  }
  const id = textAt(call['id'], `${at}.id`);
  const name = textAt(called['name'], `${at}.function.name`);
  calledIds.add(id);
  return { id, type: 'function', function: { name, arguments: text.trim() === '' ? '{}' : text } };
}

function convertToolResult(message: JsonObject, at: string, calledIds: ReadonlySet<string>): JsonObject {
  refuseUnknown(message, toolKeys, at);
  const id = textAt(message['tool_call_id'], `${at}.tool_call_id`);
  if (!calledIds.has(id)) refuse(`${at}.tool_call_id`, 'is not the id of a call in an earlier message.');
  return { role: 'tool', tool_call_id: id, content: textOfParts(message['content'], `${at}.content`) };
}
