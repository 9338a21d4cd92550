import type { ChatChunk, ChatCompletion } from '../openai-chat/chunks';
import type { JsonObject } from '../openai-answers/refuse-field';

/** A chat completion as a text completion. */
export const toTextCompletion = (completion: ChatCompletion): JsonObject => ({
  ...headOf(completion),
  choices: completion.choices.map(({ index, message, finish_reason: reason }) => ({
    text: message.content ?? message.refusal ?? '',
    index,
    logprobs: null,
    finish_reason: reason,
  })),
  usage: completion.usage,
});

/** A chunk of a chat stream as one of a text completion's; undefined for one that says nothing there, such as the role. */
export function toTextChunk(chunk: ChatChunk): JsonObject | undefined {
  const choices = (chunk.choices ?? []).flatMap(({ index, delta, finish_reason: reason }) => {
    const text = delta?.content ?? delta?.refusal ?? '';
    return text === '' && !reason ? [] : [{ text, index, logprobs: null, finish_reason: reason ?? null }];
  });
  return choices.length > 0 ? { ...headOf(chunk), choices } : undefined;
}

/** The last chunk, which brings the usage. */
export const toUsageChunk = (chunk: ChatChunk): JsonObject => ({ ...headOf(chunk), choices: [], usage: chunk.usage });

function headOf({ id, created, model, system_fingerprint: fingerprint }: ChatChunk | ChatCompletion): JsonObject {
  return {
    id: `cmpl-${(id ?? '').replace(/^chatcmpl-/, '')}`,
    object: 'text_completion',
    created,
    model,
    ...(fingerprint ? { system_fingerprint: fingerprint } : {}),
  };
}
