import { CostlaneError } from '@costlane/domain';
import { watchLimits, type CallEnd } from '../call-end';
import { assertWanted, closed } from '../call-limits';
import type { Embedder } from '../embedder';
import { createWorkQueue } from '../work-queue';
import { createEmbeddingsEndpoint } from './post-embeddings';
import { readEmbeddings } from './read-embeddings';
import { cutToBytes, splitRequests, type PlacedText } from './split-requests';

export interface HttpEmbedderOptions {
  /** Up to and with the version: `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string;
  model: string;
  /** Of the vectors; needed unless the model is one of OpenAI's. Its third generation is asked for just this length. */
  dimension?: number;
  /** How vectors travel: `base64` is a quarter of the size and quicker to read, but not every server has it. */
  encoding?: 'float' | 'base64';
  /** A request from its sending to the end of its answer. */
  timeoutMs?: number;
  connectTimeoutMs?: number;
  /** Requests at a time. */
  concurrency?: number;
  /** Requests that may wait for their turn. */
  maxQueue?: number;
  maxRequestTexts?: number;
  maxRequestBytes?: number;
  /**
   * What is beyond this is not sent. A token is at least a byte, so texts of 8,000 bytes fit into the 8,191 tokens of OpenAI's models;
   * one that does not fit would fail the whole request.
   */
  maxTextBytes?: number;
}

/** Dimensions of OpenAI's models (platform.openai.com/docs/guides/embeddings, July 2026). */
const knownDimensions: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1_536,
  'text-embedding-3-large': 3_072,
  'text-embedding-ada-002': 1_536,
};
/** A number in JSON takes up to some 25 characters; twice that leaves room for white space. */
const answerBytesPerNumber = 50;
const answerBytesBesides = 64 * 1_024;

function dimensionOf({ dimension, model }: HttpEmbedderOptions): number {
  const found = dimension ?? knownDimensions[model];
  if (found !== undefined && Number.isInteger(found) && found > 0) return found;
  const message = `The dimension of ${model}'s vectors is not known: set it, as a whole number above zero.`;
  throw new CostlaneError('invalid_request', message, { field: 'dimension' });
}

/**
 * Embeddings of any server that speaks OpenAI's `/v1/embeddings`. Nothing is tried again, redirects are not followed, and neither texts
 * nor the key are logged or part of an error. Throws a CostlaneError `invalid_request` when base URL or dimension are no good.
 */
export function createHttpEmbedder(options: HttpEmbedderOptions): Embedder {
  const { model, encoding = 'float', timeoutMs = 5_000, concurrency = 4, maxQueue = 256 } = options;
  const { maxRequestTexts = 128, maxRequestBytes = 256 * 1_024, maxTextBytes = 8_000 } = options;
  const dimension = dimensionOf(options);
  const endpoint = createEmbeddingsEndpoint({
    baseUrl: options.baseUrl,
    apiKey: options.apiKey,
    connections: concurrency,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
  });
  const queue = createWorkQueue({ concurrency, maxQueue });
  const asksForDimension = model.startsWith('text-embedding-3');
  let isClosed = false;

  async function request(texts: readonly string[], call: CallEnd): Promise<Float32Array[]> {
    call.signal.throwIfAborted();
    const timeout = setTimeout(() => call.end(timedOut()), timeoutMs);
    try {
      const input = texts.map((text) => cutToBytes(text, maxTextBytes));
      const body = { model, input, encoding_format: encoding, ...(asksForDimension ? { dimensions: dimension } : {}) };
      const maxAnswerBytes = answerBytesBesides + texts.length * dimension * answerBytesPerNumber;
      const answer = await endpoint.post(JSON.stringify(body), maxAnswerBytes, call.signal);
      return readEmbeddings(answer, texts.length, dimension);
    } finally {
      clearTimeout(timeout);
    }
  }

  return {
    modelId: `http-${model}-${dimension}`,
    dimension,
    async embed(texts, limits) {
      if (isClosed) throw closed();
      assertWanted(limits);
      const vectors: Float32Array[] = texts.map(() => new Float32Array(dimension));
      const filled: PlacedText[] = texts
        .map((text, place) => ({ place, text }))
        .filter(({ text }) => text.trim() !== '');
      const call = watchLimits(limits);
      try {
        const parts = splitRequests(filled, { maxTexts: maxRequestTexts, maxBytes: maxRequestBytes });
        const work = parts.map(async (part) => {
          const found = await queue.run(() =>
            request(
              part.map(({ text }) => text),
              call,
            ),
          );
          part.forEach(({ place }, at) => (vectors[place] = found[at] as Float32Array));
        });
        await Promise.race([Promise.all(work), call.ended]);
        return vectors;
      } catch (error) {
        // What one part failed by ends the others too.
        call.end(error as CostlaneError);
        throw isClosed ? closed() : error;
      } finally {
        call.release();
      }
    },
    async close() {
      isClosed = true;
      await endpoint.close();
    },
  };
}

const timedOut = (): CostlaneError => new CostlaneError('upstream_timeout', 'The embedding server timed out.');
