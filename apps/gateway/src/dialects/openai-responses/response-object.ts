import type { ResponsesRequest } from './parse-request';
import type { JsonObject } from '../openai-answers/refuse-field';

/** Parts of the Responses API's objects that are made here; what a provider sent itself is carried along. */
export interface ResponseObject {
  id: string;
  object: 'response';
  created_at: number;
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  model: string;
  output: OutputItem[];
  error: unknown;
  incomplete_details: { reason: string } | null;
  usage: unknown;
  [field: string]: unknown;
}

export type OutputItem = MessageItem | CallItem | ReasoningItem | OtherItem;

export interface MessageItem {
  type: 'message';
  id: string;
  status: string;
  role: 'assistant';
  content: ContentPart[];
}

export interface TextPart {
  type: 'output_text';
  text: string;
  annotations: unknown[];
  logprobs: unknown[];
}

export type ContentPart = TextPart | { type: 'refusal'; refusal: string };

export interface CallItem {
  type: 'function_call';
  id: string;
  status: string;
  call_id: string;
  name: string;
  arguments: string;
}

export interface ReasoningItem {
  type: 'reasoning';
  id: string;
  summary: unknown[];
  content?: { type: 'reasoning_text'; text: string }[];
}

/** Of a built-in tool of the provider's. */
export interface OtherItem {
  type: 'other';
  id?: string;
}

/** What a response repeats of its request. */
export function repeatedFields(request: ResponsesRequest): JsonObject {
  const { reasoning } = request;
  return {
    background: false,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request['metadata'] ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: reasoning?.['effort'] ?? null, summary: null },
    store: false,
    temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request['tool_choice'] ?? 'auto',
    tools: request.tools ?? [],
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? 1,
    truncation: 'disabled',
    ...(typeof request['user'] === 'string' ? { user: request['user'] } : {}),
  };
}

/** The letters that ids of one answer share, from the id of the chat completion. */
export const idStem = (completionId: string | undefined): string =>
  (completionId ?? '').replace(/^chatcmpl-/, '').replace(/\W/g, '') || '0';

/** How a chat completion's finish reason ends a response. */
export function endingOf(finishReason: string | null): Pick<ResponseObject, 'status' | 'incomplete_details'> {
  if (finishReason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (finishReason === 'content_filter')
    return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed', incomplete_details: null };
}

/** A chat completion's usage in the words of the Responses API; null where none was reported. */
export function toResponseUsage(usage: unknown): JsonObject | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const { prompt_tokens: input, completion_tokens: output, ...rest } = usage as Record<string, unknown>;
  const inputTokens = count(input);
  const outputTokens = count(output);
  const read = detailsOf(rest['prompt_tokens_details']);
  const thought = detailsOf(rest['completion_tokens_details']);
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: count(read['cached_tokens']),
      ...('cache_write_tokens' in read ? { cache_write_tokens: count(read['cache_write_tokens']) } : {}),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: count(thought['reasoning_tokens']) },
    total_tokens: typeof rest['total_tokens'] === 'number' ? rest['total_tokens'] : inputTokens + outputTokens,
  };
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

const detailsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
