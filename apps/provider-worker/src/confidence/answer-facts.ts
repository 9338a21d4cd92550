/** What decides whether an answer will do: of its first choice, whichever form it came in. */
export interface AnswerFacts {
  text: string;
  /** The model said in so many words, in the field for it, that it refuses. */
  hasRefusal: boolean;
  /** Tool calls, sounds or pictures: an answer though there is no text. */
  hasOtherContent: boolean;
  finishReason: string | undefined;
  /** Of the tokens' log probabilities, where the answer has them. */
  logprobSum: number;
  logprobTokens: number;
}

export const noFacts = (): AnswerFacts => ({
  text: '',
  hasRefusal: false,
  hasOtherContent: false,
  finishReason: undefined,
  logprobSum: 0,
  logprobTokens: 0,
});

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFilled = (value: unknown): boolean =>
  (Array.isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);

/** Adds what one document says: a completion, or an event of its stream. */
export function addFacts(facts: AnswerFacts, document: unknown): void {
  if (!isObject(document) || !Array.isArray(document['choices'])) return;
  for (const choice of document['choices']) {
    if (!isObject(choice) || (choice['index'] ?? 0) !== 0) continue;
    if (typeof choice['finish_reason'] === 'string') facts.finishReason = choice['finish_reason'];
    const said = choice['message'] ?? choice['delta'];
    if (isObject(said)) addSaid(facts, said);
    if (isObject(choice['logprobs'])) addLogprobs(facts, choice['logprobs']['content']);
  }
}

function addSaid(facts: AnswerFacts, said: Json): void {
  facts.text += textOf(said['content']);
  if (typeof said['refusal'] === 'string' && said['refusal'] !== '') facts.hasRefusal = true;
  if (['tool_calls', 'function_call', 'audio', 'images'].some((field) => isFilled(said[field])))
    facts.hasOtherContent = true;
}

/** Content is a text, or a list of parts as some compatible servers send it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}

function addLogprobs(facts: AnswerFacts, tokens: unknown): void {
  if (!Array.isArray(tokens)) return;
  for (const token of tokens) {
    const logprob: unknown = isObject(token) ? token['logprob'] : undefined;
    if (typeof logprob !== 'number' || !Number.isFinite(logprob)) continue;
    facts.logprobSum += logprob;
    facts.logprobTokens++;
  }
}
