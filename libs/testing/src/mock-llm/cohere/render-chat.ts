import type { Answer, Choice } from '../answer';
import { charsPerToken } from '../prompt-digest';
import type { EventStream } from '../render-chat';
import { splitText } from '../split-text';

export interface CohereStreamOptions {
  readonly chunks: number;
  readonly echo: string | undefined;
}

const finishReasons = { stop: 'COMPLETE', length: 'MAX_TOKENS', tool_calls: 'TOOL_CALL' } as const;
const thought = 'Let me think about this.';
const plan = 'I will use a tool for this.';
/** What Cohere puts around every conversation: seen by the model and found in the cache, and on nobody's bill. */
const preambleTokens = 66;

/** The JSON body of an answer; it does not name its model. */
export function renderCohereChat(answer: Answer, echo: string | undefined): string {
  const [choice] = answer.choices;
  return JSON.stringify({
    id: answer.id,
    message: { role: 'assistant', ...(choice ? messageOf(answer, choice) : { content: [] }) },
    finish_reason: finishOf(choice),
    usage: usageOf(answer),
    ...(answer.wantsLogprobs && choice && !choice.tool ? { logprobs: logprobsOf(choice.text) } : {}),
    ...(echo === undefined ? {} : { mock_echo: JSON.parse(echo) as unknown }),
  });
}

/** The events of a streamed answer, in Cohere's order and shapes ("Streaming Responses"). */
export function renderCohereEvents(answer: Answer, { chunks, echo }: CohereStreamOptions): EventStream {
  const [choice] = answer.choices;
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  const more = echo === undefined ? {} : { mock_echo: JSON.parse(echo) as unknown };
  const lead = [event('message-start', { id: answer.id, delta: { message }, ...more })];
  const isThinking = answer.usage.reasoningTokens > 0;
  if (isThinking) lead.push(...thinkingEvents());
  const index = isThinking ? 1 : 0;
  const end = event('message-end', { delta: { finish_reason: finishOf(choice), usage: usageOf(answer) } });
  const pieces = splitText(choice?.text ?? '', chunks);
  if (choice?.tool) {
    const { id, name } = choice.tool;
    const call = { id, type: 'function', function: { name, arguments: '' } };
    lead.push(event('tool-plan-delta', { delta: { message: { tool_plan: plan } } }));
    lead.push(event('tool-call-start', { index: 0, delta: { message: { tool_calls: call } } }));
    return { lead, content: pieces.map(argumentsEvent), tail: [event('tool-call-end', { index: 0 }), end] };
  }
  lead.push(event('content-start', { index, delta: { message: { content: { type: 'text', text: '' } } } }));
  const content = pieces.map((text) => {
    const logprobs = answer.wantsLogprobs ? { logprobs: logprobsOf(text)[0] } : {};
    return event('content-delta', { index, delta: { message: { content: { text } } }, ...logprobs });
  });
  return { lead, content, tail: [event('content-end', { index }), end] };
}

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

const argumentsEvent = (piece: string): string =>
  event('tool-call-delta', { index: 0, delta: { message: { tool_calls: { function: { arguments: piece } } } } });

const thinkingEvents = (): string[] => [
  event('content-start', { index: 0, delta: { message: { content: { type: 'thinking', thinking: '' } } } }),
  event('content-delta', { index: 0, delta: { message: { content: { thinking: thought } } } }),
  event('content-end', { index: 0 }),
];

const finishOf = (choice: Choice | undefined): string => finishReasons[choice?.finishReason ?? 'stop'];

function messageOf({ usage }: Answer, { text, tool }: Choice): object {
  const thoughts = usage.reasoningTokens > 0 ? [{ type: 'thinking', thinking: thought }] : [];
  if (!tool) return { content: [...thoughts, { type: 'text', text }] };
  const call = { id: tool.id, type: 'function', function: { name: tool.name, arguments: text } };
  return { ...(thoughts.length > 0 ? { content: thoughts } : {}), tool_plan: plan, tool_calls: [call] };
}

/** A token for each piece of four characters, as the mock counts them. */
function logprobsOf(text: string): object[] {
  const items = [];
  for (let at = 0; at < text.length; at += charsPerToken) {
    items.push({ text: text.slice(at, at + charsPerToken), token_ids: [at], logprobs: [-0.1] });
  }
  return items;
}

/** What is billed, what the model saw and said, and what of that was cached, the preamble first. */
function usageOf({ usage }: Answer): object {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return {
    billed_units: { input_tokens: promptTokens, output_tokens: completionTokens },
    tokens: { input_tokens: promptTokens + preambleTokens, output_tokens: completionTokens },
    ...(cachedTokens > 0 ? { cached_tokens: cachedTokens + preambleTokens } : {}),
  };
}
