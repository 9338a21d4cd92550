import { DONE_EVENT, encodeEvent, type ChatCompletion, type Delta } from './chunks';

/** Characters of content an event when a whole answer is told as a stream. */
const PIECE_CHARACTERS = 400;

/** A whole answer as the events of a stream: role, content in pieces, tool calls, finish reasons, usage where it is asked for. */
export function streamCompletion(completion: ChatCompletion, includeUsage: boolean): Buffer {
  const common = {
    id: completion.id,
    object: 'chat.completion.chunk',
    created: completion.created,
    model: completion.model,
    ...(completion.service_tier ? { service_tier: completion.service_tier } : {}),
    ...(completion.system_fingerprint ? { system_fingerprint: completion.system_fingerprint } : {}),
  };
  const noUsageYet = includeUsage ? { usage: null } : {};
  let events = '';
  for (const choice of completion.choices) {
    const emit = (delta: Delta, finishReason: string | null = null, logprobs: unknown = null): void => {
      const choices = [{ index: choice.index, delta, logprobs, finish_reason: finishReason }];
      events += encodeEvent({ ...common, choices, ...noUsageYet });
    };
    for (const delta of deltasOf(choice.message)) emit(delta);
    if (choice.logprobs) emit({}, null, choice.logprobs);
    emit({}, choice.finish_reason);
  }
  if (includeUsage) events += encodeEvent({ ...common, choices: [], usage: completion.usage ?? null });
  return Buffer.from(events + DONE_EVENT);
}

function* deltasOf(message: ChatCompletion['choices'][number]['message']): Generator<Delta> {
  const { role, content, tool_calls: toolCalls, ...rest } = message;
  yield { role, content: typeof content === 'string' ? '' : null };
  for (const [field, value] of Object.entries(rest))
    if (value !== null && value !== undefined) yield { [field]: value };
  // Cut between code points: half a surrogate pair is not text.
  const characters = typeof content === 'string' ? Array.from(content) : [];
  for (let start = 0; start < characters.length; start += PIECE_CHARACTERS) {
    yield { content: characters.slice(start, start + PIECE_CHARACTERS).join('') };
  }
  if (toolCalls) yield { tool_calls: toolCalls.map((call, index) => ({ index, ...call })) };
}
