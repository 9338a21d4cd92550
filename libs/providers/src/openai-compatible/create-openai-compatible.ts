import { Pool } from 'undici';
import type { ProviderTransport, TransportDeps } from '../attempt';
import type { ProviderConfig } from '../provider-config';
import { ChatCall, type CallSettings } from './chat-call';

const CHAT_PATH = '/chat/completions';
const DEFAULT_CONNECTIONS = 1_024;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_KEEP_ALIVE_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const USER_AGENT = 'costlane';

/** OpenAI, vLLM, the mock, and whatever else speaks OpenAI's chat completions over HTTP. Redirects are not followed. */
export function createOpenAiCompatible(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  const base = parseBaseUrl(config);
  const path = base.pathname.replace(/\/+$/, '') + CHAT_PATH + base.search;
  const pool = new Pool(base.origin, {
    connections: config.connections ?? DEFAULT_CONNECTIONS,
    pipelining: 1,
    connectTimeout: config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
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
      const headers = [...(request.stream ? streamHeaders : jsonHeaders), request.requestId];
      if (request.traceparent) headers.push('traceparent', request.traceparent);
      const call = new ChatCall(request, sink, context, settings);
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
