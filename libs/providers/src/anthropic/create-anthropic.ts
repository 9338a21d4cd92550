import { toCostlaneError } from '@costlane/domain';
import { Pool } from 'undici';
import {
  elapsedMs,
  type AttemptContext,
  type AttemptFailure,
  type ProviderTransport,
  type TransportDeps,
} from '../attempt';
import { ChatCall, type CallSettings } from '../openai-compatible/chat-call';
import type { ProviderConfig } from '../provider-config';
import { convertRequest } from './convert-request';
import { encodeMarked } from './prompt-marker';
import { settleAttempt } from './settle-attempt';
import { TranslatingHandler } from './translating-handler';

/** The version of the API that is spoken; sent with every request ("Versions"). */
const API_VERSION = '2023-06-01';
const VERSION_PATH = '/v1';
const MESSAGES_PATH = '/messages';
const DEFAULT_CONNECTIONS = 1_024;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_KEEP_ALIVE_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const USER_AGENT = 'costlane';

/**
 * Anthropic's Messages API for requests in OpenAI's dialect: the request is translated on its way out and the answer on its
 * way back, and in between it is a call like any other (deadline, cancellation, back-pressure, errors).
 */
export function createAnthropic(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  const base = parseBaseUrl(config);
  const path = messagesPath(base) + base.search;
  const maxResponseBytes = config.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
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
    maxResponseBytes,
    deadlines: deps.deadlines,
  };
  const fixedHeaders = ['content-type', 'application/json', 'user-agent', USER_AGENT];
  fixedHeaders.push('anthropic-version', API_VERSION);
  if (config.apiKey) fixedHeaders.push('x-api-key', config.apiKey);
  return {
    async attempt(request, sink, context) {
      let converted;
      try {
        converted = convertRequest(request.body, request.upstreamModel);
      } catch (cause) {
        return refused(cause, context);
      }
      const body = encodeMarked(converted.body, request);
      const headers = [...fixedHeaders, 'accept', request.stream ? 'text/event-stream' : 'application/json'];
      headers.push('x-request-id', request.requestId);
      if (request.traceparent) headers.push('traceparent', request.traceparent);
      const call = new ChatCall(request, sink, context, settings);
      const translation = new TranslatingHandler(call, {
        isStream: request.stream,
        includeUsage: converted.includeUsage,
        maxResponseBytes,
        createdAtSeconds: Math.floor(Date.now() / 1_000),
      });
      const outcome = await call.start(() => {
        pool.dispatch({ path, method: 'POST', headers, body }, translation);
      });
      return settleAttempt(outcome, translation);
    },
    close: () => pool.destroy(),
  };
}

/** A request that has no translation never leaves. */
function refused(cause: unknown, { startedAtMs, upstreamCalls }: AttemptContext): AttemptFailure {
  return {
    ok: false,
    error: toCostlaneError(cause),
    usageSource: 'none',
    latencyMs: elapsedMs(startedAtMs),
    upstreamCalls: upstreamCalls - 1,
    hasDelivered: false,
    isRetryable: false,
    verdict: 'neutral',
  };
}

/** Anthropic's own clients take the URL without the version, OpenAI's with it: both will do. */
function messagesPath({ pathname }: URL): string {
  const prefix = pathname.replace(/\/+$/, '');
  return (prefix.endsWith(VERSION_PATH) ? prefix : prefix + VERSION_PATH) + MESSAGES_PATH;
}

function parseBaseUrl({ name, baseUrl }: ProviderConfig): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`provider ${name}: the base URL must be an http(s) URL such as https://api.anthropic.com`);
  }
  return url;
}
