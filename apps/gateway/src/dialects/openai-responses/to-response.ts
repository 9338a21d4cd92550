import type { ChatCompletion, ChatMessage } from '../openai-chat/chunks';
import type { JsonObject } from '../openai-answers/refuse-field';
import {
  endingOf,
  idStem,
  toResponseUsage,
  type ContentPart,
  type OutputItem,
  type ResponseObject,
} from './response-object';

/** A chat completion as a response; `repeated`: what it repeats of its request. Throws where there is no choice in it. */
export function toResponse(completion: ChatCompletion, repeated: JsonObject): ResponseObject {
  const [choice] = completion.choices;
  if (!choice) throw new Error('the chat completion has no choice');
  const stem = idStem(completion.id);
  const ending = endingOf(choice.finish_reason);
  return {
    id: `resp_${stem}`,
    object: 'response',
    created_at: completion.created ?? 0,
    ...ending,
    error: null,
    model: completion.model ?? '',
    output: itemsOf(choice.message, choice.logprobs?.content ?? [], stem, ending.status),
    ...repeated,
    service_tier: completion.service_tier ?? 'default',
    usage: toResponseUsage(completion.usage),
  };
}

function itemsOf(message: ChatMessage, logprobs: unknown[], stem: string, status: string): OutputItem[] {
  const items: OutputItem[] = [];
  const thoughts = thoughtsOf(message);
  if (thoughts !== '') {
    items.push({
      id: `rs_${stem}`,
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: thoughts }],
    });
  }
  const content: ContentPart[] = [];
  if (message.content) content.push({ type: 'output_text', text: message.content, annotations: [], logprobs });
  if (message.refusal) content.push({ type: 'refusal', refusal: message.refusal });
  const calls = (message.tool_calls ?? []).filter((call) => call.function);
  // An answer that says nothing at all is still a message.
  if (content.length === 0 && calls.length === 0) {
    content.push({ type: 'output_text', text: '', annotations: [], logprobs: [] });
  }
  if (content.length > 0) items.push({ id: `msg_${stem}`, type: 'message', status, role: 'assistant', content });
  calls.forEach((call, i) => {
    items.push({
      id: `fc_${stem}_${i}`,
      type: 'function_call',
      status,
      call_id: call.id ?? `call_${stem}_${i}`,
      name: call.function?.name ?? '',
      arguments: call.function?.arguments ?? '',
    });
  });
  return items;
}

/** What a model thought, where its provider tells: under one of two names. */
export function thoughtsOf(said: { [field: string]: unknown }): string {
  const thoughts = said['reasoning_content'] ?? said['reasoning'];
  return typeof thoughts === 'string' ? thoughts : '';
}
