import { CostlaneError } from '@costlane/domain';
import { Pool } from 'undici';
import { mapStatus, mapTransportError } from './map-http-error';

export interface EmbeddingsEndpoint {
  /** Posts a body and gives that of the answer. Rejects with a CostlaneError; ends at once when the signal is aborted. */
  post(body: string, maxAnswerBytes: number, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export interface EndpointOptions {
  baseUrl: string;
  apiKey?: string;
  connections: number;
  connectTimeoutMs: number;
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const message = 'The embedding server needs a base URL of http(s), such as https://api.openai.com/v1.';
  throw new CostlaneError('invalid_request', message, { field: 'baseUrl' });
}

/** `<baseUrl>/embeddings`. Redirects are not followed: the key must not go elsewhere. */
export function createEmbeddingsEndpoint(options: EndpointOptions): EmbeddingsEndpoint {
  const base = parseBaseUrl(options.baseUrl);
  const path = `${base.pathname.replace(/\/+$/, '')}/embeddings${base.search}`;
  const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connectTimeout: options.connectTimeoutMs,
    // The caller's signal bounds the whole call.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'costlane',
    ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}),
  };

  return {
    async post(body, maxAnswerBytes, signal) {
      let hasBegun = false;
      try {
        const answer = await pool.request({ path, method: 'POST', headers, body, signal });
        if (answer.statusCode !== 200) {
          await answer.body.dump({ limit: 64 * 1_024 });
          const retryAfter = answer.headers['retry-after'];
          throw mapStatus(answer.statusCode, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
        }
        hasBegun = true;
        return await readText(answer.body, maxAnswerBytes);
      } catch (error) {
        throw mapTransportError(error, hasBegun);
      }
    },
    close: () => pool.destroy(),
  };
}

async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    // Leaving the loop destroys the connection: the rest is not read.
    if (sizeBytes > maxBytes)
      throw new CostlaneError('upstream_malformed', "The embedding server's answer is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
