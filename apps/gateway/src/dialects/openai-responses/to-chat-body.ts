import { limitFieldFor } from '../costlane/chat-body';
import { isGiven, refuseField, type JsonObject } from '../openai-answers/refuse-field';
import type { ResponsesRequest } from './parse-request';
import { toChatMessages } from './to-chat-messages';
import { toChatTools, toResponseFormat, toToolChoice } from './to-chat-tools';

/** Fields that mean the same in both dialects. */
const sameFields = [
  'temperature',
  'top_p',
  'service_tier',
  'user',
  'prompt_cache_key',
  'safety_identifier',
  'top_logprobs',
];

/**
 * Fields that ask nothing of another model: nothing is stored, so metadata is only repeated in the response; padding of stream events is
 * not made; and without built-in tools there is nothing to count.
 */
const idleFields = [
  'store',
  'metadata',
  'stream_options',
  'max_tool_calls',
  'background',
  'previous_response_id',
  'conversation',
];

const readFields = [
  'model input instructions stream max_output_tokens parallel_tool_calls tools tool_choice text reasoning include truncation',
].flatMap((names) => names.split(' '));

const known = new Set([...sameFields, ...idleFields, ...readFields]);

/** What another model's provider cannot be asked, with the reason. */
const untranslated: Readonly<Record<string, string>> = {
  prompt: 'prompt templates are kept by OpenAI and cannot be read for this model; send the text as "input".',
  context_management: 'this model cannot compact a conversation; shorten "input" yourself.',
  prompt_cache_retention: 'can only be asked of a model of OpenAI; leave it out.',
};

/**
 * A request to the Responses API as a chat completion request, for models whose providers speak no Responses API. Nothing is
 * dropped that would change the answer: what has no translation is refused. The body names no model.
 * @throws CostlaneError `invalid_request` that names the field and says why.
 */
export function toChatBody(request: ResponsesRequest, upstreamModel = ''): JsonObject {
  for (const [field, value] of Object.entries(request)) {
    if (!isGiven(value) || known.has(field)) continue;
    const why = Object.hasOwn(untranslated, field) ? untranslated[field] : undefined;
    refuseField(field, why ?? 'is not a field that can be translated for this model; leave it out.');
  }
  if (isGiven(request['truncation']) && request['truncation'] !== 'disabled') {
    refuseField('truncation', 'a conversation that is too long cannot be cut for this model; leave it out.');
  }
  const tools = toChatTools(request.tools ?? []);
  const chat: JsonObject = {
    messages: toChatMessages(request.input ?? '', request.instructions ?? undefined),
    [limitFieldFor(upstreamModel)]: request.max_output_tokens ?? undefined,
    reasoning_effort: effortOf(request.reasoning),
    ...(tools.length > 0 ? { tools, parallel_tool_calls: request.parallel_tool_calls ?? undefined } : {}),
    tool_choice: isGiven(request['tool_choice']) ? toToolChoice(request['tool_choice']) : undefined,
    ...textFields(request.text),
    logprobs: wantsLogprobs(request) ? true : undefined,
  };
  for (const field of sameFields) if (isGiven(request[field])) chat[field] = request[field];
  // Zero is how clients say none; chat completions take it only beside `logprobs`.
  if (chat['top_logprobs'] === 0) delete chat['top_logprobs'];
  if (request.stream) Object.assign(chat, { stream: true, stream_options: { include_usage: true } });
  return chat;
}

const logprobsInclude = 'message.output_text.logprobs';

/** Whether the response is to bring the probabilities of its tokens. */
export const wantsLogprobs = ({ include, top_logprobs: top }: ResponsesRequest): boolean =>
  checkedIncludes(include ?? []).includes(logprobsInclude) || (top ?? 0) > 0;

function checkedIncludes(include: readonly string[]): readonly string[] {
  include.forEach((name, i) => {
    if (name === logprobsInclude) return;
    const why =
      name === 'reasoning.encrypted_content'
        ? 'this model gives no encrypted reasoning; leave it out.'
        : 'belongs to what this model cannot be asked; leave it out.';
    refuseField(`include[${i}]`, `"${name}" ${why}`);
  });
  return include;
}

function textFields(text: ResponsesRequest['text']): JsonObject {
  const { format, verbosity, ...rest } = text ?? {};
  for (const [field, value] of Object.entries(rest)) if (isGiven(value)) refuseField(`text.${field}`, 'is not known.');
  return { response_format: toResponseFormat(format), verbosity: verbosity ?? undefined };
}

function effortOf(reasoning: ResponsesRequest['reasoning']): unknown {
  if (!reasoning) return undefined;
  const { effort, ...rest } = reasoning;
  for (const [field, value] of Object.entries(rest)) {
    // `auto` leaves it to the model whether there is a summary: of this one there is none.
    const isSummary = field === 'summary' || field === 'generate_summary';
    if (!isGiven(value) || (isSummary && value === 'auto')) continue;
    refuseField(
      `reasoning.${field}`,
      isSummary ? 'this model summarises no reasoning; leave it out.' : 'is not known.',
    );
  }
  return effort ?? undefined;
}
