import { invalidRequest, modelNotFound, type ApiError, type Parsed } from './api-error';
import { PromptDigest } from './prompt-digest';

export type JsonObject = Record<string, unknown>;

/** What the three generating endpoints read from a request in the same way. */
export interface GenerationOptions {
  model: string;
  choiceCount: number;
  maxTokens: number | undefined;
  stops: string[];
  isStream: boolean;
  includeUsage: boolean;
  serviceTier: string;
}

/** The wish for a JSON answer: any object, or one that follows a schema. */
export type JsonWish = { kind: 'object' } | { kind: 'schema'; schema: unknown };

export interface ChatRequest {
  /** Nested, not spread: spreading an object costs 3 µs a call here, a tenth of the whole answer. */
  options: GenerationOptions;
  prompt: PromptDigest;
  /** Text of the last user message, where directives are looked for. */
  lastUserText: string;
  /** The tool that the answer calls, when it calls one. */
  tool: { name: string; parameters: unknown } | undefined;
  jsonWish: JsonWish | undefined;
  wantsLogprobs: boolean;
}

/** Tokens that frame a message and a reply, after OpenAI's cookbook on counting chat tokens. */
const messageTokens = 4;
const replyTokens = 3;
/** An image counts as OpenAI's low-detail image or as a 1024 × 1024 one in high detail; audio as a short clip. */
const lowDetailImageTokens = 85;
const imageTokens = 765;
const otherPartTokens = 100;
const toolDirective = '[[tool]]';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a chat completion request; fields it does not know are ignored. */
export function readChatRequest(body: JsonObject): Parsed<ChatRequest> {
  const options = readGenerationOptions(body);
  if (!options.ok) return options;
  const { messages } = body;
  if (messages === undefined) return fail("Missing required parameter: 'messages'.", 'messages');
  if (!Array.isArray(messages)) return fail("Invalid type for 'messages': expected an array of objects.", 'messages');
  if (messages.length === 0) {
    return fail("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'messages');
  }
  const prompt = new PromptDigest();
  prompt.addOpaque(options.value.model, replyTokens);
  if (typeof body['seed'] === 'number') prompt.addOpaque(`seed ${body['seed']}`, 0);
  if (Array.isArray(body['tools'])) prompt.addText(JSON.stringify(body['tools']));
  let lastUserText = '';
  for (let i = 0; i < messages.length; i += 1) {
    const message: unknown = messages[i];
    if (!isObject(message)) return fail(`Invalid type for 'messages[${i}]': expected an object.`, `messages[${i}]`);
    if (typeof message['role'] !== 'string') {
      return fail(`Missing required parameter: 'messages[${i}].role'.`, `messages[${i}].role`);
    }
    const text = addMessage(prompt, message['role'], message);
    if (message['role'] === 'user') lastUserText = text;
  }
  const value: ChatRequest = {
    options: options.value,
    prompt,
    lastUserText,
    tool: chooseTool(body, lastUserText),
    jsonWish: readJsonWish(body['response_format']),
    wantsLogprobs: body['logprobs'] === true,
  };
  return { ok: true, value };
}

/** Reads model, stream, n, limits and stops; the errors are those of OpenAI's API. */
export function readGenerationOptions(body: JsonObject): Parsed<GenerationOptions> {
  const model = readModel(body);
  if (!model.ok) return model;
  const choiceCount = body['n'] ?? 1;
  if (typeof choiceCount !== 'number' || !Number.isInteger(choiceCount) || choiceCount < 1 || choiceCount > 128) {
    return fail("Invalid 'n': expected an integer between 1 and 128.", 'n');
  }
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined;
  if (maxTokens !== undefined && (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1)) {
    return fail("Invalid 'max_tokens': expected an integer above or equal to 1.", 'max_tokens');
  }
  const { stop, stream_options: streamOptions, service_tier: tier } = body;
  const stops = (Array.isArray(stop) ? stop : [stop]).filter((text) => typeof text === 'string' && text !== '');
  const value: GenerationOptions = {
    model: model.value,
    choiceCount,
    maxTokens,
    stops,
    isStream: body['stream'] === true,
    includeUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
    serviceTier: typeof tier === 'string' && tier !== 'auto' ? tier : 'default',
  };
  return { ok: true, value };
}

/** Reads the model's name; names that start with `unknown-model` are refused, every other is accepted. */
export function readModel(body: JsonObject): Parsed<string> {
  const { model } = body;
  if (typeof model !== 'string' || model === '') return fail('you must provide a model parameter', 'model');
  return model.startsWith('unknown-model') ? { ok: false, error: modelNotFound(model) } : { ok: true, value: model };
}

function fail(message: string, param: string): { ok: false; error: ApiError } {
  return { ok: false, error: invalidRequest(message, param) };
}

/** Adds a message to the prompt and returns its text. */
function addMessage(prompt: PromptDigest, role: string, message: JsonObject): string {
  prompt.addOpaque(role, messageTokens);
  const { content, tool_calls: toolCalls } = message;
  if (toolCalls !== undefined) prompt.addText(JSON.stringify(toolCalls));
  if (typeof content === 'string') {
    prompt.addText(content);
    return content;
  }
  let text = '';
  for (const part of Array.isArray(content) ? content : []) text += addPart(prompt, part);
  return text;
}

function addPart(prompt: PromptDigest, part: unknown): string {
  if (!isObject(part)) return '';
  if (typeof part['text'] === 'string') {
    prompt.addText(part['text']);
    return part['text'];
  }
  const image = part['image_url'];
  if (isObject(image) && typeof image['url'] === 'string') {
    prompt.addOpaque(image['url'], image['detail'] === 'low' ? lowDetailImageTokens : imageTokens);
  } else {
    prompt.addOpaque(JSON.stringify(part), otherPartTokens);
  }
  return '';
}

function chooseTool(body: JsonObject, lastUserText: string): ChatRequest['tool'] {
  const { tools, tool_choice: choice } = body;
  if (!Array.isArray(tools) || choice === 'none') return undefined;
  const functions = tools.map((tool: unknown) => (isObject(tool) ? tool['function'] : undefined)).filter(isObject);
  const wanted = isObject(choice) && isObject(choice['function']) ? choice['function']['name'] : undefined;
  if (wanted === undefined && choice !== 'required' && !lastUserText.includes(toolDirective)) return undefined;
  const chosen = functions.find((candidate) => wanted === undefined || candidate['name'] === wanted);
  if (!chosen) return undefined;
  return { name: String(chosen['name']), parameters: chosen['parameters'] };
}

function readJsonWish(format: unknown): JsonWish | undefined {
  if (!isObject(format)) return undefined;
  if (format['type'] === 'json_object') return { kind: 'object' };
  if (format['type'] !== 'json_schema') return undefined;
  return { kind: 'schema', schema: isObject(format['json_schema']) ? format['json_schema']['schema'] : undefined };
}
