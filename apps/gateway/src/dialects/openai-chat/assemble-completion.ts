import {
  parseEvents,
  type ChatCompletion,
  type ChatMessage,
  type ChunkChoice,
  type Delta,
  type ToolCall,
  type ToolCallDelta,
} from './chunks';

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
    else if (field === 'function_call' && isObject(value)) message[field] = joined(message[field] ?? {}, value);
    else if (typeof value === 'string')
      message[field] = `${typeof message[field] === 'string' ? message[field] : ''}${value}`;
    else if (value !== null && value !== undefined) message[field] = value;
  }
}

function addToolCalls(message: ChatMessage, delta: Delta): void {
  const calls = (message.tool_calls ??= []);
  for (const { index, ...part } of delta.tool_calls ?? []) {
    // Providers that do not number their calls send each of them whole.
    const at = index ?? calls.length;
    calls[at] = joined(calls[at] ?? emptyCall(part), part);
  }
}

const emptyCall = (part: Omit<ToolCallDelta, 'index'>): ToolCall =>
  part.function ? { type: 'function', function: { name: '', arguments: '' } } : { type: 'function' };

/** Two pieces of an object: texts are joined, except for what names it and comes whole. */
function joined<T extends object>(before: T, piece: object): T {
  const whole = { ...before } as Record<string, unknown>;
  for (const [field, value] of Object.entries(piece) as [string, unknown][]) {
    const known = whole[field];
    const isName = field === 'id' || field === 'type';
    if (value === null || value === undefined || (isName && value === '')) continue;
    if (typeof value === 'string' && typeof known === 'string' && !isName) whole[field] = known + value;
    else if (isObject(value) && isObject(known)) whole[field] = joined(known, value);
    else whole[field] = value;
  }
  return whole as T;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
