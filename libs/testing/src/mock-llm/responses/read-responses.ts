import { invalidRequest, type ApiError, type Parsed } from '../api-error';
import { isObject, readModel, type ChatRequest, type JsonObject, type JsonWish } from '../chat-request';
import { PromptDigest } from '../prompt-digest';

export interface ResponsesRequest {
  /** The same as a chat request, for the text of the answer. */
  readonly chat: ChatRequest;
  /** Fields that the response repeats. */
  readonly echoed: JsonObject;
}

const toolDirective = '[[tool]]';
/** An image or a file, whatever its size. */
const mediaTokens = 765;
const itemTokens = 4;
const leastOutputTokens = 16;

/** Reads a request to the Responses API and refuses what OpenAI refuses, in its words. */
export function readResponsesRequest(body: JsonObject): Parsed<ResponsesRequest> {
  const model = readModel(body);
  if (!model.ok) return model;
  const fault = findFault(body);
  if (fault) return { ok: false, error: fault };
  const prompt = new PromptDigest();
  prompt.addOpaque(model.value, 3);
  if (typeof body['instructions'] === 'string') prompt.addText(body['instructions']);
  if (Array.isArray(body['tools'])) prompt.addText(JSON.stringify(body['tools']));
  const items = itemsOf(body['input']);
  for (const item of items) addItem(prompt, item);
  const lastUserText = textOf(items.findLast(({ role }) => role === 'user')?.['content']);
  const limit = body['max_output_tokens'];
  const tier = body['service_tier'];
  const include = Array.isArray(body['include']) ? (body['include'] as unknown[]) : [];
  const chat: ChatRequest = {
    options: {
      model: model.value,
      choiceCount: 1,
      maxTokens: typeof limit === 'number' ? limit : undefined,
      stops: [],
      isStream: body['stream'] === true,
      includeUsage: true,
      serviceTier: typeof tier === 'string' && tier !== 'auto' ? tier : 'default',
    },
    prompt,
    lastUserText,
    tool: chooseTool(body, lastUserText),
    jsonWish: jsonWishOf(body['text']),
    wantsLogprobs: include.includes('message.output_text.logprobs'),
  };
  return { ok: true, value: { chat, echoed: echoedFields(body) } };
}

function findFault(body: JsonObject): ApiError | undefined {
  const { input, max_output_tokens: limit, previous_response_id: previous, tools } = body;
  if (typeof previous === 'string') {
    const message = `Previous response with id '${previous}' not found.`;
    return invalidRequest(message, 'previous_response_id', 'previous_response_not_found');
  }
  if (typeof input !== 'string' && !Array.isArray(input)) {
    return invalidRequest("Missing required parameter: 'input'.", 'input', 'missing_required_parameter');
  }
  if (Array.isArray(input) && !(input as unknown[]).every(isObject)) {
    return invalidRequest("Invalid type for 'input[0]': expected an object.", 'input[0]', 'invalid_type');
  }
  if (typeof limit === 'number' && limit < leastOutputTokens) {
    const message = `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= ${leastOutputTokens}, but got ${limit} instead.`;
    return invalidRequest(message, 'max_output_tokens', 'integer_below_min_value');
  }
  const isNamed = (tool: unknown): boolean =>
    isObject(tool) && (tool['type'] !== 'function' || typeof tool['name'] === 'string');
  if (Array.isArray(tools) && !(tools as unknown[]).every(isNamed)) {
    return invalidRequest(
      "Missing required parameter: 'tools[0].name'.",
      'tools[0].name',
      'missing_required_parameter',
    );
  }
  return undefined;
}

const itemsOf = (input: unknown): JsonObject[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : (input as JsonObject[]);

function addItem(prompt: PromptDigest, item: JsonObject): void {
  const { role, content } = item;
  if (role === undefined) {
    prompt.addText(JSON.stringify(item));
    return;
  }
  prompt.addOpaque(String(role), itemTokens);
  if (typeof content === 'string') prompt.addText(content);
  for (const part of Array.isArray(content) ? (content as unknown[]) : []) {
    if (isObject(part) && typeof part['text'] === 'string') prompt.addText(part['text']);
    else prompt.addOpaque(JSON.stringify(part), mediaTokens);
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function chooseTool({ tools, tool_choice: choice }: JsonObject, lastUserText: string): ChatRequest['tool'] {
  if (!Array.isArray(tools) || choice === 'none') return undefined;
  const wanted = isObject(choice) ? choice['name'] : undefined;
  if (wanted === undefined && choice !== 'required' && !lastUserText.includes(toolDirective)) return undefined;
  const chosen = (tools as unknown[])
    .filter(isObject)
    .find(({ type, name }) => type === 'function' && (wanted === undefined || name === wanted));
  return chosen && { name: String(chosen['name']), parameters: chosen['parameters'] };
}

function jsonWishOf(text: unknown): JsonWish | undefined {
  const format = isObject(text) ? text['format'] : undefined;
  if (!isObject(format)) return undefined;
  if (format['type'] === 'json_object') return { kind: 'object' };
  return format['type'] === 'json_schema' ? { kind: 'schema', schema: format['schema'] } : undefined;
}

const echoedFields = (body: JsonObject): JsonObject => ({
  instructions: body['instructions'] ?? null,
  max_output_tokens: body['max_output_tokens'] ?? null,
  metadata: body['metadata'] ?? {},
  parallel_tool_calls: body['parallel_tool_calls'] ?? true,
  previous_response_id: null,
  reasoning: body['reasoning'] ?? { effort: null, summary: null },
  store: body['store'] ?? true,
  temperature: body['temperature'] ?? 1,
  text: body['text'] ?? { format: { type: 'text' } },
  tool_choice: body['tool_choice'] ?? 'auto',
  tools: body['tools'] ?? [],
  top_p: body['top_p'] ?? 1,
  truncation: body['truncation'] ?? 'disabled',
});
