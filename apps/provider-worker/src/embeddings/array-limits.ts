import { LRUCache } from 'lru-cache';
import type { EmbeddingInputs } from './read-inputs';

/** What one call takes at the most. */
export interface ArrayLimits {
  /** OpenAI's bounds of an embedding request (API reference, "Create embeddings", read November 2026). */
  inputs: number;
  tokens: number;
  requestBytes: number;
  /** An answer is parsed at one go, during which the worker does nothing else. */
  answerBytes: number;
}

export const usualArrayLimits: ArrayLimits = {
  inputs: 2_048,
  tokens: 300_000,
  requestBytes: 4 * 1024 * 1024,
  answerBytes: 8 * 1024 * 1024,
};

/** The longest vectors that are common, until an answer has shown how long they are. */
const USUAL_DIMENSIONS = 3_072;
const BYTES_PER_NUMBER = 22;
const BYTES_PER_NUMBER_IN_BASE64 = 16 / 3;
const BYTES_PER_ENTRY = 64;
const MAX_SHAPES = 500;

/** How long the answer to one input is, by the shape of the request. */
export interface AnswerSizes {
  of(request: Pick<EmbeddingInputs, 'shape' | 'parameters'>): number;
  observe(shape: string, bytesPerInput: number): void;
}

export function createAnswerSizes(): AnswerSizes {
  const seen = new LRUCache<string, number>({ max: MAX_SHAPES });
  return {
    of({ shape, parameters }) {
      const known = seen.get(shape);
      if (known !== undefined) return known;
      const { dimensions, encoding_format: encoding } = parameters;
      const numbers = typeof dimensions === 'number' && dimensions > 0 ? dimensions : USUAL_DIMENSIONS;
      return BYTES_PER_ENTRY + numbers * (encoding === 'base64' ? BYTES_PER_NUMBER_IN_BASE64 : BYTES_PER_NUMBER);
    },
    observe: (shape, bytesPerInput) => void seen.set(shape, bytesPerInput),
  };
}

/** As many of the first ones, in order, as go into one call; at least the first one. */
export function takeFitting<T extends { asked: EmbeddingInputs }>(
  waiting: Iterable<T>,
  answerBytesPerInput: number,
  limits: ArrayLimits,
): T[] {
  const taken: T[] = [];
  let [inputs, tokens, bytes] = [0, 0, 0];
  const maxInputs = Math.min(limits.inputs, limits.answerBytes / answerBytesPerInput);
  for (const each of waiting) {
    const { asked } = each;
    inputs += asked.inputs.length;
    tokens += asked.tokens;
    bytes += bytesOf(asked);
    const fits = inputs <= maxInputs && tokens <= limits.tokens && bytes <= limits.requestBytes;
    if (!fits && taken.length > 0) break;
    taken.push(each);
  }
  return taken;
}

/** So large that hardly anything would go along with it: it need not wait for others. */
export function fillsArray(asked: EmbeddingInputs, answerBytesPerInput: number, limits: ArrayLimits): boolean {
  const { length } = asked.inputs;
  return (
    length * 2 > Math.min(limits.inputs, limits.answerBytes / answerBytesPerInput) ||
    asked.tokens * 2 > limits.tokens ||
    bytesOf(asked) * 2 > limits.requestBytes
  );
}

/** In characters: of other alphabets it is up to three times as many bytes, for which the bound leaves room. */
const bytesOf = ({ inputs }: EmbeddingInputs): number => inputs.reduce((sum, input) => sum + input.length + 1, 0);
