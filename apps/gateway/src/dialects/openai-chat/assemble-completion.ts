import { parseEvents, type ChatCompletion, type ChatMessage, type ChunkChoice, type Delta } from './chunks';

type Choice = ChatCompletion['choices'][number];

/** The whole answer that a complete stream spells out: deltas joined, tool calls put together, usage taken over. */
export function assembleCompletion(sse: Buffer): ChatCompletion {
  const chunks = parseEvents(sse);
  const first = chunks[0];
  const choices = new Map<number, Choice>();
  const completion: ChatCompletion = {
    id: first?.id,
    object: 'chat.completion',
    created: first?.created,
    model: first?.model,
    choices: [],
  };
  for (const chunk of chunks) {
    if (chunk.usage) completion.usage = chunk.usage;
    if (chunk.system_fingerprint) completion.system_fingerprint = chunk.system_fingerprint;
    if (chunk.service_tier) completion.service_tier = chunk.service_tier;
    for (const delta of chunk.choices ?? []) addDelta(choices, delta);
  }
  completion.choices = [...choices.values()].sort((a, b) => a.index - b.index);
  return completion;
}

function addDelta(choices: Map<number, Choice>, part: ChunkChoice): void {
  let choice = choices.get(part.index);
  if (!choice) {
    choice = { index: part.index, message: { role: 'assistant', content: null }, finish_reason: null };
    choices.set(part.index, choice);
  }
  if (part.finish_reason) choice.finish_reason = part.finish_reason;
  if (part.logprobs) {
    choice.logprobs ??= {};
    for (const kind of ['content', 'refusal'] as const) {
      if (part.logprobs[kind]) choice.logprobs[kind] = [...(choice.logprobs[kind] ?? []), ...part.logprobs[kind]];
    }
  }
  addToMessage(choice.message, part.delta ?? {});
}

function addToMessage(message: ChatMessage, delta: Delta): void {
  for (const [field, value] of Object.entries(delta)) {
    if (field === 'role') message.role = String(value);
    else if (field === 'tool_calls') addToolCalls(message, delta);
    else if (typeof value === 'string')
      message[field] = `${typeof message[field] === 'string' ? message[field] : ''}${value}`;
    else if (value !== null && value !== undefined) message[field] = value;
  }
}

function addToolCalls(message: ChatMessage, delta: Delta): void {
  message.tool_calls ??= [];
  for (const part of delta.tool_calls ?? []) {
    const call = (message.tool_calls[part.index] ??= { type: 'function', function: { name: '', arguments: '' } });
    if (part.id) call.id = part.id;
    if (part.type) call.type = part.type;
    call.function.name += part.function?.name ?? '';
    call.function.arguments += part.function?.arguments ?? '';
  }
}
