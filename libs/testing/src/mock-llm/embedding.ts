import { invalidRequest, type Parsed } from './api-error';
import { readModel, type JsonObject } from './chat-request';
import { hashText } from './hash-text';
import { countTokens } from './prompt-digest';
import { SeededRandom } from './seeded-random';
import { readTexts } from './text-completion';

export interface EmbeddingRequest {
  model: string;
  inputs: string[];
  dimensions: number;
  encoding: 'float' | 'base64';
}

const usualDimensions = 1_536;
const largeModelDimensions = 3_072;
const mostDimensions = 8_192;
const mostInputs = 2_048;
/** Every word moves this many coordinates, so that texts with words in common lie close to one another. */
const coordinatesPerWord = 24;

/** Reads an embedding request. */
export function readEmbeddingRequest(body: JsonObject): Parsed<EmbeddingRequest> {
  const model = readModel(body);
  if (!model.ok) return model;
  const inputs = readTexts(body['input']);
  if (!inputs || inputs.length > mostInputs) {
    const message = `'$.input' must be a string or an array of at most ${mostInputs} strings or token arrays.`;
    return { ok: false, error: invalidRequest(message, 'input') };
  }
  const usual = model.value.includes('large') ? largeModelDimensions : usualDimensions;
  const dimensions = body['dimensions'] ?? usual;
  if (
    typeof dimensions !== 'number' ||
    !Number.isInteger(dimensions) ||
    dimensions < 1 ||
    dimensions > mostDimensions
  ) {
    const message = `Invalid 'dimensions': expected an integer between 1 and ${mostDimensions}.`;
    return { ok: false, error: invalidRequest(message, 'dimensions') };
  }
  const encoding = body['encoding_format'] ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') {
    const message = "Invalid 'encoding_format': expected 'float' or 'base64'.";
    return { ok: false, error: invalidRequest(message, 'encoding_format') };
  }
  return { ok: true, value: { model: model.value, inputs, dimensions, encoding } };
}

/** The unit vector of a text: hashed words, so equal texts give equal vectors and similar texts similar ones. */
export function embedText(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    const random = new SeededRandom(hashText(word));
    for (let i = 0; i < coordinatesPerWord; i += 1) {
      const coordinate = random.nextInteger(dimensions);
      vector[coordinate] = (vector[coordinate] ?? 0) + random.next() - 0.5;
    }
  }
  let norm = 0;
  for (const value of vector) norm += value * value;
  if (norm === 0) {
    vector[0] = 1;
    return vector;
  }
  const scale = 1 / Math.sqrt(norm);
  return vector.map((value) => value * scale);
}

/** The JSON body of an embedding answer. */
export function renderEmbeddings(request: EmbeddingRequest, promptTokens: number | undefined, echo?: string): string {
  const data = request.inputs.map((input, index) => {
    const vector = embedText(input, request.dimensions);
    const embedding =
      request.encoding === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const tokens = promptTokens ?? request.inputs.reduce((sum, input) => sum + countTokens(input), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  const body = JSON.stringify({ object: 'list', data, model: request.model, usage });
  return echo === undefined ? body : `${body.slice(0, -1)},"mock_echo":${echo}}`;
}
