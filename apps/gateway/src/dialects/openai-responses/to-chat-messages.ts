import {
  isGiven,
  isObject,
  listAt,
  objectAt,
  refuseField,
  textAt,
  type JsonObject,
} from '../openai-answers/refuse-field';

type ChatMessage = JsonObject & { role: string };

/** The input of a response, its instructions in front, as the messages of a chat. */
export function toChatMessages(input: string | readonly JsonObject[], instructions: string | undefined): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions) messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') messages.push({ role: 'user', content: input });
  else input.forEach((item, i) => addItem(messages, item, `input[${i}]`));
  if (messages.length === 0) refuseField('input', 'has nothing in it that this model could be given.');
  return messages;
}

function addItem(messages: ChatMessage[], item: JsonObject, at: string): void {
  const type = item['type'] ?? (isGiven(item['role']) ? 'message' : undefined);
  switch (type) {
    case 'message':
      messages.push(toMessage(item, at));
      return;
    case 'function_call':
      addCall(messages, item, at);
      return;
    case 'function_call_output':
      messages.push({
        role: 'tool',
        tool_call_id: textAt(item['call_id'], `${at}.call_id`),
        content: toToolOutput(item['output'], `${at}.output`),
      });
      return;
    case 'reasoning':
      // What a model thought is no part of a chat: the next answer is made without it, as in chat completions.
      if (isGiven(item['encrypted_content'])) {
        refuseField(`${at}.encrypted_content`, 'only the model that thought it can read it; leave the item out.');
      }
      return;
    default:
      refuseField(`${at}.type`, `"${String(type)}" is an item that this model cannot be given.`);
  }
}

const roles: Readonly<Record<string, string>> = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
  // Not all models that are asked this way know the role; it was made to take the system's place.
  developer: 'system',
};

function toMessage(item: JsonObject, at: string): ChatMessage {
  const asked = textAt(item['role'], `${at}.role`);
  const role = Object.hasOwn(roles, asked) ? roles[asked] : undefined;
  if (role === undefined) refuseField(`${at}.role`, `has to be one of ${Object.keys(roles).join(', ')}.`);
  const { content } = item;
  if (typeof content === 'string') return { role, content };
  const parts = listAt(content, `${at}.content`).map((part, i) => {
    const place = `${at}.content[${i}]`;
    return role === 'user' ? toUserPart(objectAt(part, place), place) : toTextPart(objectAt(part, place), role, place);
  });
  // A single text is a text in every chat format; lists are not.
  const [only] = parts;
  return { role, content: parts.length === 1 && only?.['type'] === 'text' ? only['text'] : parts };
}

function toUserPart(part: JsonObject, at: string): JsonObject {
  const { type } = part;
  if (type === 'input_text' || type === 'output_text' || type === 'text') {
    return { type: 'text', text: textAt(part['text'], `${at}.text`) };
  }
  if (type === 'input_image') return toImage(part, at);
  if (type === 'input_audio') return { type, input_audio: objectAt(part['input_audio'], `${at}.input_audio`) };
  if (type === 'input_file') refuseField(at, 'files cannot be given to this model; send their text.');
  return refuseField(`${at}.type`, `"${String(type)}" cannot be given to this model.`);
}

function toImage({ image_url: url, file_id: file, detail }: JsonObject, at: string): JsonObject {
  if (isGiven(file)) {
    refuseField(
      `${at}.file_id`,
      'files that OpenAI keeps cannot be read for this model; send the image as "image_url".',
    );
  }
  return {
    type: 'image_url',
    image_url: { url: textAt(url, `${at}.image_url`), ...(isGiven(detail) ? { detail } : {}) },
  };
}

function toTextPart(part: JsonObject, role: string, at: string): JsonObject {
  const { type } = part;
  if (type === 'refusal' && role === 'assistant') {
    return { type, refusal: textAt(part['refusal'], `${at}.refusal`) };
  }
  if (type === 'output_text' || type === 'input_text' || type === 'text') {
    return { type: 'text', text: textAt(part['text'], `${at}.text`) };
  }
  return refuseField(`${at}.type`, `"${String(type)}" cannot stand in a message of this role.`);
}

/** Calls that belong to one turn are one message, with what was said before them. */
function addCall(messages: ChatMessage[], item: JsonObject, at: string): void {
  const call = {
    id: textAt(item['call_id'], `${at}.call_id`),
    type: 'function',
    function: {
      name: textAt(item['name'], `${at}.name`),
      arguments: textAt(item['arguments'], `${at}.arguments`),
    },
  };
  const last = messages.at(-1);
  if (last?.role !== 'assistant') messages.push({ role: 'assistant', content: null, tool_calls: [call] });
  else last['tool_calls'] = [...((last['tool_calls'] as unknown[] | undefined) ?? []), call];
}

function toToolOutput(output: unknown, at: string): string | JsonObject[] {
  if (typeof output === 'string') return output;
  return listAt(output, at).map((part, i) => {
    if (!isObject(part) || part['type'] !== 'input_text') {
      refuseField(`${at}[${i}]`, 'only text can be given to this model as the output of a tool.');
    }
    return { type: 'text', text: textAt(part['text'], `${at}[${i}].text`) };
  });
}
