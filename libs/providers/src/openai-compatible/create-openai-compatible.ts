import type { Dialect } from '@costlane/contracts';
import { Pool } from 'undici';
import type { ProviderTransport, TransportDeps } from '../attempt';
import type { ProviderConfig } from '../provider-config';
import { refusedDialect } from '../refused-dialect';
import { chatFormat, type AnswerFormat } from './answer-format';
import { ChatCall, type CallSettings } from './chat-call';
import { readEmbeddings } from './read-embeddings';
import { readResponse } from './read-response';
import { ResponseEventScanner } from './scan-response-events';

/** Where each dialect is asked, and how its answers are read. */
const endpoints: Readonly<Partial<Record<Dialect, { path: string; format: AnswerFormat }>>> = {
  'openai.chat': { path: '/chat/completions', format: chatFormat },
  'openai.responses': {
    path: '/responses',
    format: { readBody: readResponse, createScanner: () => new ResponseEventScanner() },
  },
  'openai.embeddings': { path: '/embeddings', format: { readBody: readEmbeddings } },
};
const DEFAULT_CONNECTIONS = 1_024;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_KEEP_ALIVE_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const USER_AGENT = 'costlane';

/** OpenAI, vLLM, the mock, and whatever else speaks OpenAI's dialects over HTTP. Redirects are not followed. */
export function createOpenAiCompatible(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  const base = parseBaseUrl(config);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = new Pool(base.origin, {
    connections: config.connections ?? DEFAULT_CONNECTIONS,
    pipelining: 1,
    connectTimeout: config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    connect: { lookup: deps.lookup },
    keepAliveTimeout: config.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
    // One sweep watches the deadlines of all calls instead of two timers for each.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const settings: CallSettings = {
    provider: config.name,
    apiKey: config.apiKey,
    maxResponseBytes: config.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    deadlines: deps.deadlines,
  };
  const fixedHeaders = ['content-type', 'application/json', 'user-agent', USER_AGENT];
  if (config.apiKey) fixedHeaders.push('authorization', `Bearer ${config.apiKey}`);
  const streamHeaders = [...fixedHeaders, 'accept', 'text/event-stream', 'x-request-id'];
  const jsonHeaders = [...fixedHeaders, 'accept', 'application/json', 'x-request-id'];
  return {
    attempt(request, sink, context) {
      const endpoint = endpoints[request.dialect];
      if (!endpoint) return Promise.resolve(refusedDialect(config.name, request.dialect, context));
      const path = prefix + endpoint.path + base.search;
      const headers = [...(request.stream ? streamHeaders : jsonHeaders), request.requestId];
      if (request.traceparent) headers.push('traceparent', request.traceparent);
      const call = new ChatCall(request, sink, context, settings, endpoint.format);
      return call.start((handler) => {
        pool.dispatch({ path, method: 'POST', headers, body: request.body }, handler);
      });
    },
    close: () => pool.destroy(),
  };
}

function parseBaseUrl({ name, baseUrl }: ProviderConfig): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`provider ${name}: the base URL must be an http(s) URL such as https://api.openai.com/v1`);
  }
  return url;
}
