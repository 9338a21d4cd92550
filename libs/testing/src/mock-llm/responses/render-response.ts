import { nextId, type Answer, type Choice, type Usage } from '../answer';
import type { JsonObject } from '../chat-request';
import { charsPerToken } from '../prompt-digest';
import type { EventStream } from '../render-chat';
import { splitText } from '../split-text';

/** An answer as the Responses API has it, before it is put on the wire. */
export interface ResponseAnswer {
  readonly id: string;
  readonly answer: Answer;
  readonly echoed: JsonObject;
  /** The received body, to be returned as `mock_echo`. */
  readonly echo: string | undefined;
}

/** The JSON body of a response. */
export function renderResponse(response: ResponseAnswer): string {
  const items = itemsOf(response, 'completed');
  return JSON.stringify(responseObject(response, items));
}

/** The events of a streamed response, in OpenAI's order and shapes. */
export function renderResponseEvents(response: ResponseAnswer, chunks: number): EventStream {
  let sequence = 0;
  const event = (type: string, fields: JsonObject): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const begun = { ...responseObject(response, []), status: 'in_progress', usage: null, incomplete_details: null };
  const lead = [event('response.created', { response: begun }), event('response.in_progress', { response: begun })];
  const items = itemsOf(response, 'completed');
  const reasoning = items.length > 1 ? items[0] : undefined;
  if (reasoning) {
    lead.push(event('response.output_item.added', { output_index: 0, item: reasoning }));
    lead.push(event('response.output_item.done', { output_index: 0, item: reasoning }));
  }
  const item = items[items.length - 1] ?? {};
  const choice = choiceOf(response.answer);
  const place = { output_index: items.length - 1, item_id: item['id'] };
  const pieces = splitText(choice.text, chunks);
  const content: string[] = [];
  const tail: string[] = [];
  const done = { output_index: place.output_index };
  if (choice.tool) {
    lead.push(
      event('response.output_item.added', { ...done, item: { ...item, arguments: '', status: 'in_progress' } }),
    );
    for (const delta of pieces) content.push(event('response.function_call_arguments.delta', { ...place, delta }));
    const args = { ...place, name: choice.tool.name, arguments: choice.text };
    tail.push(event('response.function_call_arguments.done', args));
  } else {
    const at = { ...place, content_index: 0 };
    lead.push(event('response.output_item.added', { ...done, item: { ...item, content: [], status: 'in_progress' } }));
    lead.push(event('response.content_part.added', { ...at, part: textPart('') }));
    for (const delta of pieces) content.push(event('response.output_text.delta', { ...at, delta, logprobs: [] }));
    tail.push(event('response.output_text.done', { ...at, text: choice.text, logprobs: [] }));
    tail.push(event('response.content_part.done', { ...at, part: textPart(choice.text) }));
  }
  tail.push(event('response.output_item.done', { ...done, item }));
  const whole = responseObject(response, items);
  tail.push(event(`response.${String(whole['status'])}`, { response: whole }));
  return { lead, content, tail };
}

function responseObject({ id, answer, echoed, echo }: ResponseAnswer, output: JsonObject[]): JsonObject {
  const isCut = choiceOf(answer).finishReason === 'length';
  return {
    id,
    object: 'response',
    created_at: answer.createdAtSeconds,
    status: isCut ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    model: answer.model,
    output,
    ...echoed,
    service_tier: answer.serviceTier,
    usage: usageOf(answer.usage),
    ...(echo === undefined ? {} : { mock_echo: JSON.parse(echo) as unknown }),
  };
}

function itemsOf({ id, answer }: ResponseAnswer, status: string): JsonObject[] {
  const choice = choiceOf(answer);
  const ownStatus = choice.finishReason === 'length' ? 'incomplete' : status;
  const items: JsonObject[] = [];
  if (answer.usage.reasoningTokens > 0) items.push({ id: id.replace('resp_', 'rs_'), type: 'reasoning', summary: [] });
  if (choice.tool) {
    const { id: callId, name } = choice.tool;
    const itemId = callId.replace('call_', 'fc_');
    const args = choice.text;
    items.push({ id: itemId, type: 'function_call', status: ownStatus, call_id: callId, name, arguments: args });
  } else {
    const logprobs = answer.wantsLogprobs ? logprobsOf(choice.text) : [];
    const content = [{ ...textPart(choice.text), logprobs }];
    items.push({ id: id.replace('resp_', 'msg_'), type: 'message', status: ownStatus, role: 'assistant', content });
  }
  return items;
}

const textPart = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function choiceOf({ choices }: Answer): Choice {
  const [choice] = choices;
  if (!choice) throw new Error('the answer has no choice');
  return choice;
}

function logprobsOf(text: string): JsonObject[] {
  const tokens = [];
  for (let start = 0; start < text.length; start += charsPerToken) {
    const token = text.slice(start, start + charsPerToken);
    tokens.push({ token, logprob: -0.1, bytes: [...Buffer.from(token)], top_logprobs: [] });
  }
  return tokens;
}

const usageOf = (usage: Usage): JsonObject => ({
  input_tokens: usage.promptTokens,
  input_tokens_details: {
    cached_tokens: usage.cachedTokens,
    ...(usage.cacheWriteTokens > 0 ? { cache_write_tokens: usage.cacheWriteTokens } : {}),
  },
  output_tokens: usage.completionTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  total_tokens: usage.promptTokens + usage.completionTokens,
});

/** The id of a new response. */
export const newResponseId = (seed: number): string => nextId('resp_', seed);
