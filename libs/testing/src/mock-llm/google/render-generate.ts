import type { Answer, Choice } from '../answer';
import { countTokens } from '../prompt-digest';
import type { EventStream } from '../render-chat';
import { splitText } from '../split-text';

/** An answer of the mock with what only Google's shapes tell. */
export interface GenerateAnswer {
  readonly answer: Answer;
  readonly includesThoughts: boolean;
}

export interface GenerateStreamOptions {
  readonly chunks: number;
  readonly echo: string | undefined;
}

const finishReasons = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP' } as const;
const signature = 'bW9jayBzaWduYXR1cmU=';
const thought = 'Let me think about this.';

/** The JSON body of an answer. */
export function renderGenerate(generated: GenerateAnswer, echo: string | undefined): string {
  const { answer, includesThoughts } = generated;
  const choice = answer.choices[0];
  const parts = [...(includesThoughts ? [thoughtPart] : []), ...(choice ? [partOf(answer, choice)] : [])];
  return JSON.stringify({
    candidates: [candidate(parts, finishOf(choice))],
    usageMetadata: usageOf(answer, answer.usage.completionTokens),
    ...tailOf(answer),
    ...(echo === undefined ? {} : { mock_echo: JSON.parse(echo) as unknown }),
  });
}

/** The events of a streamed answer: each an answer of its own, with the totals so far; the last has the reason to end. */
export function renderGenerateEvents(
  { answer, includesThoughts }: GenerateAnswer,
  { chunks, echo }: GenerateStreamOptions,
): EventStream {
  const choice = answer.choices[0];
  const { reasoningTokens, completionTokens } = answer.usage;
  let characters = 0;
  const pieces = choice?.tool ? [choice.text] : splitText(choice?.text ?? '', chunks);
  const content = pieces.map((piece) => {
    characters += piece.length;
    const part = choice?.tool ? partOf(answer, choice) : { text: piece };
    return event(answer, [part], reasoningTokens + countTokens('x'.repeat(characters)));
  });
  const lead = includesThoughts ? [event(answer, [thoughtPart], reasoningTokens)] : [];
  if (echo !== undefined) {
    lead.push(event(answer, [], reasoningTokens, undefined, { mock_echo: JSON.parse(echo) as unknown }));
  }
  // What ends a stream has an empty text, and the signature of the thoughts, where there were some.
  const last = { text: '', ...(reasoningTokens > 0 && !choice?.tool ? { thoughtSignature: signature } : {}) };
  return { lead, content, tail: [event(answer, [last], completionTokens, finishOf(choice))] };
}

const thoughtPart = { text: thought, thought: true };

function event(
  answer: Answer,
  parts: readonly object[],
  completionTokens: number,
  finishReason?: string,
  more: object = {},
): string {
  const usageMetadata = usageOf(answer, completionTokens);
  const json = { candidates: [candidate(parts, finishReason)], usageMetadata, ...tailOf(answer), ...more };
  return `data: ${JSON.stringify(json)}\r\n\r\n`;
}

const candidate = (parts: readonly object[], finishReason: string | undefined): object => ({
  content: { parts, role: 'model' },
  ...(finishReason === undefined ? {} : { finishReason }),
  index: 0,
});

const finishOf = (choice: Choice | undefined): string => finishReasons[choice?.finishReason ?? 'stop'];

function partOf({ usage }: Answer, { text, tool }: Choice): object {
  const signed = usage.reasoningTokens > 0 ? { thoughtSignature: signature } : {};
  if (!tool) return { text, ...signed };
  return { functionCall: { id: tool.id, name: tool.name, args: JSON.parse(text) as unknown }, ...signed };
}

/** Cached tokens are part of the prompt; thoughts are not part of the candidates. Zeros are left out. */
function usageOf({ usage, serviceTier }: Answer, completionTokens: number): object {
  const { promptTokens, cachedTokens, reasoningTokens } = usage;
  const candidatesTokens = Math.max(0, completionTokens - reasoningTokens);
  return {
    promptTokenCount: promptTokens,
    ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {}),
    ...(candidatesTokens > 0 ? { candidatesTokenCount: candidatesTokens } : {}),
    totalTokenCount: promptTokens + candidatesTokens + reasoningTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    ...(cachedTokens > 0 ? { cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cachedTokens }] } : {}),
    ...(reasoningTokens > 0 ? { thoughtsTokenCount: reasoningTokens } : {}),
    serviceTier,
  };
}

const tailOf = ({ model, id }: Answer): object => ({ modelVersion: model, responseId: id });
