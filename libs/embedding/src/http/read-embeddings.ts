import { CostlaneError } from '@costlane/domain';
import { toUnitLength } from '../unit-vector';

const malformed = (what: string): CostlaneError =>
  new CostlaneError('upstream_malformed', `The embedding server's answer ${what}.`);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The numbers of `embedding`, sent as an array or as base64 of little-endian float32. */
function readVector(embedding: unknown, dimension: number): Float32Array {
  const vector = typeof embedding === 'string' ? fromBase64(embedding) : fromArray(embedding);
  if (vector === undefined) throw malformed('holds something that is no vector');
  if (vector.length !== dimension) throw malformed(`has vectors of ${vector.length} numbers instead of ${dimension}`);
  if (!vector.every(Number.isFinite)) throw malformed('holds a vector with something that is no number');
  if (vector.every((value) => value === 0)) throw malformed('holds a vector of zeros');
  return toUnitLength(vector);
}

const fromArray = (value: unknown): Float32Array | undefined =>
  Array.isArray(value) && value.every((number) => typeof number === 'number') ? Float32Array.from(value) : undefined;

function fromBase64(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) return undefined;
  const vector = new Float32Array(bytes.length / 4);
  for (let i = 0; i < vector.length; i += 1) vector[i] = bytes.readFloatLE(4 * i);
  return vector;
}

/**
 * The vectors of an OpenAI-compatible embeddings answer to `count` texts, of unit length, in the texts' order: by `index`, or as they
 * come where a server sends none. Throws `upstream_malformed`.
 */
export function readEmbeddings(body: string, count: number, dimension: number): Float32Array[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // Without its cause, which quotes the answer.
    throw malformed('is not JSON');
  }
  const data = isObject(answer) ? answer['data'] : undefined;
  if (!Array.isArray(data)) throw malformed('has no "data"');
  if (data.length !== count) throw malformed(`has ${data.length} vectors for ${count} texts`);
  const vectors = new Array<Float32Array | undefined>(count).fill(undefined);
  data.forEach((item: unknown, position) => {
    if (!isObject(item)) throw malformed('holds something that is no vector');
    const index = item['index'] ?? position;
    if (typeof index !== 'number' || !(index in vectors) || vectors[index] !== undefined) {
      throw malformed('numbers its vectors wrongly');
    }
    vectors[index] = readVector(item['embedding'], dimension);
  });
  return vectors as Float32Array[];
}
