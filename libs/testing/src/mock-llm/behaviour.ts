import { errorTypes, type ErrorType } from './api-error';

/** What a test wants to be said: answers that will not do, though they come in good order; and the question once more. */
export const answerKinds = ['empty', 'refusal', 'prose', 'other_json', 'parrot'] as const;

/** How the mock answers. Unset fields leave the ordinary behaviour: at once, complete and correct. */
export interface Behaviour {
  /** Fixed wait before the response headers. */
  latencyMs?: number;
  /** Log-normal wait before the response headers, by its median and 95th percentile. */
  latencyP50Ms?: number;
  latencyP95Ms?: number;
  /** Wait between the headers, which are flushed at once, and the first byte of the body. */
  firstByteMs?: number;
  /** Pause between content chunks of a stream; 0 sends the stream as one burst. */
  chunkIntervalMs?: number;
  /** Number of content chunks of a stream. */
  chunks?: number;
  /** Length of the visible answer, and overrides for the other token counts of the usage. */
  outputTokens?: number;
  promptTokens?: number;
  cachedTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
  /** Service tier that the answer reports, whatever was asked for. */
  serviceTier?: string;
  /** What the question is about: the answer begins with it, and its words depend on it alone, however and of which model it was asked. */
  topic?: string;
  /** What is said instead of an answer: nothing; that it will not help; words where JSON was asked for; JSON of another shape; the question. */
  answer?: (typeof answerKinds)[number];
  /** Everything named beside it concerns calls of this model alone. */
  onlyModel?: string;
  /** HTTP status and kind of an error answer, with the seconds of its `retry-after`. */
  status?: number;
  errorType?: ErrorType;
  retryAfter?: number;
  /** Only the first N calls with the same body fail. */
  failTimes?: number;
  /** Share of the calls that fail, drawn from the seeded generator. */
  errorRate?: number;
  /** Destroys the socket after N content chunks of a stream (half-way through an answer that is not streamed). */
  cutAfter?: number;
  /** Sends broken JSON: the whole body, or one line in the middle of a stream. */
  malformed?: boolean;
  /** Accepts the request and never answers. */
  hang?: boolean;
  /** Announces a content-length, sends half of it and closes. */
  truncate?: boolean;
  /** Returns the received body as `mock_echo`. */
  echo?: boolean;
  /** Seed of latency and error draws. */
  seed?: number;
}

type Rule =
  | { kind: 'integer' | 'number'; min: number; max: number }
  | { kind: 'flag' }
  | { kind: 'word'; words?: readonly string[] };

const durationRule: Rule = { kind: 'number', min: 0, max: 3_600_000 };
const tokensRule: Rule = { kind: 'integer', min: 0, max: 2_000_000 };
const flagRule: Rule = { kind: 'flag' };

const rules: Record<keyof Behaviour, Rule> = {
  latencyMs: durationRule,
  latencyP50Ms: durationRule,
  latencyP95Ms: durationRule,
  firstByteMs: durationRule,
  chunkIntervalMs: durationRule,
  chunks: { kind: 'integer', min: 1, max: 10_000 },
  outputTokens: { kind: 'integer', min: 1, max: 100_000 },
  promptTokens: tokensRule,
  cachedTokens: tokensRule,
  cacheWriteTokens: tokensRule,
  reasoningTokens: tokensRule,
  serviceTier: { kind: 'word' },
  topic: { kind: 'word' },
  answer: { kind: 'word', words: answerKinds },
  onlyModel: { kind: 'word' },
  status: { kind: 'integer', min: 400, max: 599 },
  errorType: { kind: 'word', words: errorTypes },
  retryAfter: { kind: 'number', min: 0, max: 86_400 },
  failTimes: { kind: 'integer', min: 1, max: 1_000_000 },
  errorRate: { kind: 'number', min: 0, max: 1 },
  cutAfter: { kind: 'integer', min: 0, max: 10_000 },
  malformed: flagRule,
  hang: flagRule,
  truncate: flagRule,
  echo: flagRule,
  seed: { kind: 'integer', min: 0, max: 4_294_967_295 },
};

export type ParsedBehaviour = { ok: true; value: Behaviour } | { ok: false; message: string };

/** Checks a behaviour given as JSON values or as the text values of a header; the message names the field at fault. */
export function parseBehaviour(input: unknown): ParsedBehaviour {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, message: 'the behaviour must be a JSON object such as {"latencyMs": 50}' };
  }
  const value: Record<string, number | boolean | string> = {};
  for (const [key, given] of Object.entries(input)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof Behaviour] : undefined;
    if (!rule) return { ok: false, message: `unknown behaviour "${key}"; known: ${Object.keys(rules).join(', ')}` };
    const read = readValue(rule, given);
    if (read === undefined) {
      return { ok: false, message: `${key} must be ${describeRule(rule)}, got ${JSON.stringify(given)}` };
    }
    value[key] = read;
  }
  const behaviour: Behaviour = value;
  const conflict = findConflict(behaviour);
  return conflict ? { ok: false, message: conflict } : { ok: true, value: behaviour };
}

export type ParsedBehaviours = { ok: true; value: Record<string, Behaviour> } | { ok: false; message: string };

/** Checks behaviours of single models, given by their names; the message names the model and the field at fault. */
export function parseModelBehaviours(input: unknown): ParsedBehaviours {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, message: 'the behaviours must be a JSON object such as {"gpt-4o": {"latencyMs": 50}}' };
  }
  const value: Record<string, Behaviour> = {};
  for (const [model, given] of Object.entries(input)) {
    const behaviour = parseBehaviour(given);
    if (!behaviour.ok) return { ok: false, message: `${model}: ${behaviour.message}` };
    value[model] = behaviour.value;
  }
  return { ok: true, value };
}

/** Reads `key=value; key=value`, the form of the `x-mock` header and of the directive in a message. */
export function parseDirective(text: string): ParsedBehaviour {
  const pairs: Record<string, string> = {};
  for (const part of text.split(';')) {
    const pair = part.trim();
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) return { ok: false, message: `"${pair}" must have the form key=value` };
    pairs[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return parseBehaviour(pairs);
}

const directiveStart = '[[mock:';

/** The inside of the first `[[mock: …]]` in a text, or undefined. */
export function findDirective(text: string): string | undefined {
  const start = text.indexOf(directiveStart);
  if (start < 0) return undefined;
  const end = text.indexOf(']]', start);
  return end < 0 ? undefined : text.slice(start + directiveStart.length, end);
}

const ordinary: Behaviour = {};

/** What a behaviour means for calls of a model. */
export function behaviourTowards(behaviour: Behaviour, model: string): Behaviour {
  return behaviour.onlyModel === undefined || behaviour.onlyModel === model ? behaviour : ordinary;
}

/** Lays `over` on `under`; a latency of one kind in `over` replaces a latency of the other kind. */
export function overlayBehaviour(under: Behaviour, over: Behaviour): Behaviour {
  const merged = { ...under, ...over };
  if (over.latencyMs !== undefined) {
    merged.latencyP50Ms = undefined;
    merged.latencyP95Ms = undefined;
  } else if (over.latencyP50Ms !== undefined) {
    merged.latencyMs = undefined;
  }
  return merged;
}

function readValue(rule: Rule, given: unknown): number | boolean | string | undefined {
  if (rule.kind === 'flag') {
    if (given === true || given === 1 || given === '1' || given === 'true') return true;
    return given === false || given === 0 || given === '0' || given === 'false' ? false : undefined;
  }
  if (rule.kind === 'word') {
    if (typeof given !== 'string' || !/^[a-z0-9_.-]{1,64}$/i.test(given)) return undefined;
    return !rule.words || rule.words.includes(given) ? given : undefined;
  }
  const number = typeof given === 'string' && given !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !(number >= rule.min && number <= rule.max)) return undefined;
  return rule.kind === 'integer' && !Number.isInteger(number) ? undefined : number;
}

function describeRule(rule: Rule): string {
  if (rule.kind === 'flag') return '1 or 0 (or true or false)';
  if (rule.kind === 'word') return rule.words ? `one of ${rule.words.join(', ')}` : 'a word of letters, digits, _ . -';
  return `${rule.kind === 'integer' ? 'an integer' : 'a number'} from ${rule.min} to ${rule.max}`;
}

function findConflict(behaviour: Behaviour): string | undefined {
  const { latencyMs, latencyP50Ms, latencyP95Ms } = behaviour;
  if ((latencyP50Ms === undefined) !== (latencyP95Ms === undefined)) {
    return 'latencyP50Ms and latencyP95Ms must be given together';
  }
  if (latencyP50Ms === undefined || latencyP95Ms === undefined) return undefined;
  if (latencyMs !== undefined) return 'give either latencyMs or latencyP50Ms with latencyP95Ms, not both';
  if (latencyP50Ms <= 0) return 'latencyP50Ms must be greater than 0';
  return latencyP95Ms < latencyP50Ms ? 'latencyP95Ms must not be less than latencyP50Ms' : undefined;
}
