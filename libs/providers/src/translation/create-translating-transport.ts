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
import type { ProviderRequest } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { refusedDialect } from '../refused-dialect';
import { NativeHandler, type NativeCall } from './native-call';
import { settleAttempt } from './settle-attempt';
import { TranslatingHandler } from './translating-handler';
import type { AnswerTranslator } from './translator';

const DEFAULT_CONNECTIONS = 1_024;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_KEEP_ALIVE_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const USER_AGENT = 'costlane';

/** A request as it goes out, and the way back of its answer. */
export interface TranslatedRequest {
  readonly path: string;
  readonly body: Buffer;
  readonly translator: AnswerTranslator;
}

/** A dialect of its own, as `createTranslatingTransport` speaks it. */
export interface WireFormat {
  /** A base URL as it should be, to be shown to whoever sets another one. */
  readonly exampleUrl: string;
  /** Names and values that every request has, credentials included. */
  readonly headers: readonly string[];
  /** @throws CostlaneError `invalid_request` for what has no translation: it is then never sent. */
  translate(request: ProviderRequest, base: URL, createdAtSeconds: number): TranslatedRequest;
  /** A request in a dialect that the provider speaks itself; undefined for one in any other. Absent: it is asked in OpenAI's only. */
  native?(request: ProviderRequest, base: URL): NativeCall | undefined;
}

/**
 * A provider with a dialect of its own for requests in OpenAI's: the request is translated on its way out and the answer on
 * its way back, and in between it is a call like any other (deadline, cancellation, back-pressure, errors).
 */
export function createTranslatingTransport(
  config: ProviderConfig,
  deps: TransportDeps,
  format: WireFormat,
): ProviderTransport {
  const base = parseBaseUrl(config, format.exampleUrl);
  const maxResponseBytes = config.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
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
  const { name: provider, apiKey } = config;
  const settings: CallSettings = { provider, apiKey, maxResponseBytes, deadlines: deps.deadlines };
  const fixedHeaders = ['content-type', 'application/json', 'user-agent', USER_AGENT, ...format.headers];
  const headersOf = (request: ProviderRequest): string[] => {
    const headers = [...fixedHeaders, 'accept', request.stream ? 'text/event-stream' : 'application/json'];
    headers.push('x-request-id', request.requestId);
    if (request.traceparent) headers.push('traceparent', request.traceparent);
    return headers;
  };
  const attemptNative: ProviderTransport['attempt'] = async (request, sink, context) => {
    const native = format.native?.(request, base);
    if (!native) return refusedDialect(provider, request.dialect, context);
    const { path, body } = native;
    const call = new ChatCall(request, sink, context, settings, native.format);
    const handler = new NativeHandler(call, (text) => native.convertError(text));
    const outcome = await call.start(() => {
      pool.dispatch({ path, method: 'POST', headers: headersOf(request), body }, handler);
    });
    return native.settle(outcome);
  };
  return {
    async attempt(request, sink, context) {
      if (request.dialect !== 'openai.chat') return attemptNative(request, sink, context);
      let translated;
      try {
        translated = format.translate(request, base, Math.floor(Date.now() / 1_000));
      } catch (cause) {
        return refused(cause, context);
      }
      const { path, body, translator } = translated;
      const call = new ChatCall(request, sink, context, settings);
      const handler = new TranslatingHandler(call, translator, { isStream: request.stream, maxResponseBytes });
      const outcome = await call.start(() => {
        pool.dispatch({ path, method: 'POST', headers: headersOf(request), body }, handler);
      });
      return settleAttempt(outcome, handler);
    },
    close: () => pool.destroy(),
  };
}

/** The path of a base URL with the API's version at its end, whether it has it already or not. */
export function versionedPath({ pathname }: URL, versionPath: string): string {
  const prefix = pathname.replace(/\/+$/, '');
  return prefix.endsWith(versionPath) ? prefix : prefix + versionPath;
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

function parseBaseUrl({ name, baseUrl }: ProviderConfig, exampleUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`provider ${name}: the base URL must be an http(s) URL such as ${exampleUrl}`);
  }
  return url;
}
