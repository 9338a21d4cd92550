import { invalidRequest, modelNotFound, type ApiError, type Parsed } from '../api-error';
import { isObject, readModel, type ChatRequest, type JsonObject } from '../chat-request';
import { PromptDigest } from '../prompt-digest';
import type { BlockEnd } from './marked-cache';

export interface MessagesRequest {
  /** The same as a chat request, for the text of the answer. */
  readonly chat: ChatRequest;
  readonly blocks: readonly BlockEnd[];
  readonly isThinking: boolean;
}

/** The fields of `POST /v1/messages`; Anthropic refuses every other one. */
const knownFields = new Set(
  (
    'model max_tokens messages system tools tool_choice temperature top_p top_k stop_sequences stream thinking ' +
    'output_config metadata service_tier cache_control'
  ).split(' '),
);
const toolDirective = '[[tool]]';
/** An image or a document, whatever its size. */
const mediaTokens = 1_500;
const messageTokens = 4;

/** Reads a Messages API request and refuses what Anthropic refuses, in its words. */
export function readMessagesRequest(body: JsonObject): Parsed<MessagesRequest> {
  const model = readModel(body);
  if (!model.ok) {
    const named =
      typeof body['model'] === 'string' ? { ...modelNotFound(''), message: `model: ${body['model']}` } : undefined;
    return { ok: false, error: named ?? required('model') };
  }
  const fault = findFault(body);
  if (fault) return { ok: false, error: fault };
  const prompt = new PromptDigest();
  prompt.addOpaque(model.value, 3);
  const blocks = readBlocks(body, prompt);
  const lastUserText = textOfLastUser(body['messages'] as JsonObject[]);
  const stops = Array.isArray(body['stop_sequences']) ? (body['stop_sequences'] as unknown[]) : [];
  const format = isObject(body['output_config']) ? body['output_config']['format'] : undefined;
  const chat: ChatRequest = {
    options: {
      model: model.value,
      choiceCount: 1,
      maxTokens: body['max_tokens'] as number,
      stops: stops.filter((stop) => typeof stop === 'string'),
      isStream: body['stream'] === true,
      includeUsage: true,
      serviceTier: 'standard',
    },
    prompt,
    lastUserText,
    tool: chooseTool(body, lastUserText),
    jsonWish: isObject(format) ? { kind: 'schema', schema: format['schema'] } : undefined,
    wantsLogprobs: false,
  };
  const thinking = isObject(body['thinking']) ? body['thinking']['type'] : undefined;
  return { ok: true, value: { chat, blocks, isThinking: thinking === 'enabled' || thinking === 'adaptive' } };
}

const required = (field: string): ApiError => invalidRequest(`${field}: Field required`, null);

function findFault(body: JsonObject): ApiError | undefined {
  const unknown = Object.keys(body).find((key) => !knownFields.has(key));
  if (unknown !== undefined) return invalidRequest(`${unknown}: Extra inputs are not permitted`, null);
  const { max_tokens: maxTokens, messages, temperature } = body;
  if (maxTokens === undefined) return required('max_tokens');
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    return invalidRequest('max_tokens: Input should be greater than or equal to 1', null);
  }
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 1)) {
    return invalidRequest('temperature: range: 0..1', null);
  }
  if (messages === undefined) return required('messages');
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalidRequest('messages: at least one message is required', null);
  }
  return findMessageFault(messages);
}

function findMessageFault(messages: readonly unknown[]): ApiError | undefined {
  let pending: unknown[] = [];
  for (const [i, message] of messages.entries()) {
    const role = isObject(message) ? message['role'] : undefined;
    if (role !== 'user' && role !== 'assistant') {
      return invalidRequest(`messages.${i}.role: Input should be 'user' or 'assistant'`, null);
    }
    const content = blocksOf(message);
    if (content.some((block) => block['type'] === 'text' && block['text'] === '')) {
      return invalidRequest(`messages.${i}: text content blocks must be non-empty`, null);
    }
    const answered = content.filter((block) => block['type'] === 'tool_result').map((block) => block['tool_use_id']);
    const missing = pending.filter((id) => !answered.includes(id));
    if (missing.length > 0) {
      const ids = missing.join(', ');
      return invalidRequest(
        `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}`,
        null,
      );
    }
    pending = content.filter((block) => block['type'] === 'tool_use').map((block) => block['id']);
  }
  return undefined;
}

/** Reads the prompt in the order in which Anthropic caches it: tools, system, messages. */
function readBlocks(body: JsonObject, prompt: PromptDigest): BlockEnd[] {
  const ends: BlockEnd[] = [];
  const add = (block: JsonObject): void => {
    const { cache_control: control, ...said } = block;
    if (said['type'] === 'image' || said['type'] === 'document') prompt.addOpaque(JSON.stringify(said), mediaTokens);
    else prompt.addText(said['type'] === 'text' ? String(said['text']) : JSON.stringify(said));
    ends.push({ hash: prompt.seed, tokens: prompt.tokens, mark: markOf(control) });
  };
  for (const tool of listOf(body['tools'])) add(tool);
  for (const block of textBlocks(body['system'])) add(block);
  for (const message of listOf(body['messages'])) {
    prompt.addOpaque(String(message['role']), messageTokens);
    for (const block of blocksOf(message)) add(block);
  }
  const last = ends.at(-1);
  // The marker of the whole request is on its last block.
  if (last && !last.mark) ends[ends.length - 1] = { ...last, mark: markOf(body['cache_control']) };
  return ends;
}

function markOf(control: unknown): BlockEnd['mark'] {
  if (!isObject(control)) return undefined;
  return control['ttl'] === '1h' ? 'long' : 'short';
}

const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

const textBlocks = (content: unknown): JsonObject[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);

const blocksOf = (message: unknown): JsonObject[] => (isObject(message) ? textBlocks(message['content']) : []);

function textOfLastUser(messages: readonly JsonObject[]): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return blocksOf(last)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

function chooseTool(body: JsonObject, lastUserText: string): ChatRequest['tool'] {
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  if (choice['type'] === 'none') return undefined;
  const isForced = choice['type'] === 'any' || choice['type'] === 'tool';
  if (!isForced && !lastUserText.includes(toolDirective)) return undefined;
  const tool = listOf(body['tools']).find(({ name }) => choice['name'] === undefined || name === choice['name']);
  return tool && { name: String(tool['name']), parameters: tool['input_schema'] };
}
