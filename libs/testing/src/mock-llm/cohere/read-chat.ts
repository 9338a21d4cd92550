import { invalidRequest, modelNotFound, type ApiError, type Parsed } from '../api-error';
import { isObject, readModel, type ChatRequest, type JsonObject } from '../chat-request';
import { PromptDigest } from '../prompt-digest';

export interface CohereRequest {
  /** The same as a chat request, for the text of the answer. */
  readonly chat: ChatRequest;
  readonly isThinking: boolean;
}

/** The fields of `POST /v2/chat`; anything else is refused, so that nothing of another dialect slips through. */
const knownFields = new Set(
  (
    'model stream messages tools strict_tools tool_choice citation_options documents response_format safety_mode max_tokens ' +
    'stop_sequences temperature seed frequency_penalty presence_penalty k p logprobs thinking priority'
  ).split(' '),
);
const knownRoles = ['system', 'user', 'assistant', 'tool'];
const toolDirective = '[[tool]]';
/** An image, whatever its size. */
const mediaTokens = 256;
const messageTokens = 4;

/** Reads a request of Cohere's Chat API (v2) and refuses what Cohere refuses, in its words. */
export function readCohereRequest(body: JsonObject): Parsed<CohereRequest> {
  const model = readModel(body);
  if (!model.ok) {
    const named = typeof body['model'] === 'string' ? notFound(body['model']) : undefined;
    return { ok: false, error: named ?? invalid('a model parameter is required for this endpoint.') };
  }
  const messages = listOf(body['messages']);
  const fault = findFault(body) ?? findMessageFault(messages);
  if (fault) return { ok: false, error: fault };
  const prompt = new PromptDigest();
  prompt.addOpaque(model.value, 3);
  readPrompt(body, messages, prompt);
  const lastUserText = textOf(messages.findLast(({ role }) => role === 'user')?.['content']);
  const format = isObject(body['response_format']) ? body['response_format'] : {};
  const stops = Array.isArray(body['stop_sequences']) ? (body['stop_sequences'] as unknown[]) : [];
  const chat: ChatRequest = {
    options: {
      model: model.value,
      choiceCount: 1,
      maxTokens: body['max_tokens'] as number | undefined,
      stops: stops.filter((stop) => typeof stop === 'string'),
      isStream: body['stream'] === true,
      includeUsage: true,
      serviceTier: 'default',
    },
    prompt,
    lastUserText,
    tool: chooseTool(body, lastUserText),
    jsonWish: jsonWishOf(format),
    wantsLogprobs: body['logprobs'] === true,
  };
  const thinking = isObject(body['thinking']) ? body['thinking']['type'] : undefined;
  const isReasoningModel = /reasoning|command-a-plus/.test(model.value);
  return { ok: true, value: { chat, isThinking: isReasoningModel && thinking !== 'disabled' } };
}

const invalid = (message: string): ApiError => invalidRequest(message, null);

function notFound(model: string): ApiError {
  const message = `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`;
  return { ...modelNotFound(model), message };
}

function findFault(body: JsonObject): ApiError | undefined {
  const unknown = Object.keys(body).find((key) => !knownFields.has(key));
  if (unknown !== undefined) return invalid(`invalid request: unknown field '${unknown}'.`);
  const { max_tokens: maxTokens, response_format: format, tools, tool_choice: choice } = body;
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) > 0)) {
    return invalid('invalid request: max_tokens must be greater than or equal to 1.');
  }
  for (const [field, least, most] of ranges) {
    const value = body[field];
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) continue;
    return invalid(`invalid request: ${field} must be between ${least} and ${most} inclusive.`);
  }
  if (choice !== undefined && choice !== 'REQUIRED' && choice !== 'NONE') {
    return invalid('invalid request: tool_choice must be one of REQUIRED, NONE.');
  }
  const hasTools = listOf(tools).length > 0;
  if (choice === 'REQUIRED' && !hasTools) return invalid('invalid request: tool_choice needs tools.');
  const isJson = isObject(format) && format['type'] === 'json_object';
  return isJson && hasTools ? invalid('invalid request: response_format is not supported with tools.') : undefined;
}

const ranges: readonly (readonly [field: string, least: number, most: number])[] = [
  ['temperature', 0, 1],
  ['p', 0.01, 0.99],
  ['k', 0, 500],
  ['frequency_penalty', 0, 1],
  ['presence_penalty', 0, 1],
];

function findMessageFault(messages: readonly JsonObject[]): ApiError | undefined {
  if (messages.length === 0) return invalid('invalid request: list of messages must not be empty');
  const called = new Set<unknown>();
  for (const [i, message] of messages.entries()) {
    const role = String(message['role']);
    if (!knownRoles.includes(role)) {
      return invalid(`invalid request: Invalid role in messages at index ${i}.`);
    }
    if (role === 'system' && i > 0) return invalid('system turn must be the first in the list');
    const calls = listOf(message['tool_calls']);
    for (const { id } of calls) called.add(id);
    if (role === 'tool' && !called.has(message['tool_call_id'])) {
      return invalid('tool call id not found in previous tool calls');
    }
    if (role !== 'tool' && calls.length === 0 && isEmpty(message['content'])) {
      return invalid('message must not be empty in a turn');
    }
  }
  return undefined;
}

const isEmpty = (content: unknown): boolean =>
  typeof content === 'string'
    ? content === ''
    : listOf(content).every(({ text, type }) => type === 'text' && text === '');

function readPrompt(body: JsonObject, messages: readonly JsonObject[], prompt: PromptDigest): void {
  if (body['seed'] !== undefined) prompt.addOpaque(`seed ${JSON.stringify(body['seed'])}`, 0);
  for (const tool of listOf(body['tools'])) prompt.addText(JSON.stringify(tool));
  for (const message of messages) {
    prompt.addOpaque(String(message['role']), messageTokens);
    if (message['tool_calls'] !== undefined) prompt.addText(JSON.stringify(message['tool_calls']));
    const { content } = message;
    for (const part of typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)) {
      if (part['type'] === 'image_url') prompt.addOpaque(JSON.stringify(part), mediaTokens);
      else prompt.addText(typeof part['text'] === 'string' ? part['text'] : JSON.stringify(part));
    }
  }
}

const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

function jsonWishOf(format: JsonObject): ChatRequest['jsonWish'] {
  if (format['type'] !== 'json_object') return undefined;
  return isObject(format['json_schema']) ? { kind: 'schema', schema: format['json_schema'] } : { kind: 'object' };
}

function chooseTool(body: JsonObject, lastUserText: string): ChatRequest['tool'] {
  const choice = body['tool_choice'];
  if (choice === 'NONE' || (choice !== 'REQUIRED' && !lastUserText.includes(toolDirective))) return undefined;
  const [tool] = listOf(body['tools'])
    .map((each) => each['function'])
    .filter(isObject);
  return tool && { name: String(tool['name']), parameters: tool['parameters'] };
}
