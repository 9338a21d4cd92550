import { estimateTokens } from '@costlane/domain';

/** What one embedding request asks, apart from the texts that it asks it of. */
export interface EmbeddingInputs {
  /** Everything but the inputs, in an order of its own: requests of one shape may go as one call. */
  shape: string;
  /** The same, ready for a body. */
  parameters: Readonly<Record<string, unknown>>;
  /** Each input as JSON: a text, or a list of tokens. */
  inputs: readonly string[];
  /** By our estimate; at least one for each input. */
  tokens: number;
}

/** Reads the body of an embedding request; undefined for one that is better sent as it is. */
export function readInputs(body: Buffer): EmbeddingInputs | undefined {
  const json = parseObject(body);
  if (!json) return undefined;
  const { input, ...parameters } = json;
  const listed = toList(input);
  if (!listed) return undefined;
  const isText = typeof listed[0] === 'string';
  const isAlike = listed.every((each) => (isText ? isWords(each) : isTokens(each)));
  if (!isAlike) return undefined;
  const sorted = Object.keys(parameters).sort((a, b) => (a < b ? -1 : 1));
  return {
    shape: JSON.stringify([isText, sorted.map((key) => [key, parameters[key]])]),
    parameters,
    inputs: listed.map((each) => JSON.stringify(each)),
    tokens: listed.reduce<number>((sum, each) => sum + tokensOf(each), 0),
  };
}

/** One body for several requests of one shape. */
export function joinInputs(requests: readonly EmbeddingInputs[]): Buffer {
  const [first] = requests;
  if (!first) throw new RangeError('there is nothing to join');
  const inputs = requests.map((each) => each.inputs.join(',')).join(',');
  const parameters = JSON.stringify(first.parameters);
  const others = parameters === '{}' ? '' : `,${parameters.slice(1, -1)}`;
  return Buffer.from(`{"input":[${inputs}]${others}}`);
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return isObject ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A list of tokens alone is one input. */
function toList(input: unknown): readonly unknown[] | undefined {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  return typeof input[0] === 'number' ? [input] : (input as readonly unknown[]);
}

// What a provider turns down would cost all others a second call.
const isWords = (each: unknown): boolean => typeof each === 'string' && each.length > 0;
const isTokens = (each: unknown): boolean =>
  Array.isArray(each) && each.length > 0 && each.every((token) => typeof token === 'number');

const tokensOf = (each: unknown): number =>
  Math.max(1, typeof each === 'string' ? estimateTokens(each) : (each as readonly unknown[]).length);
