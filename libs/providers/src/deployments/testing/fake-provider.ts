import { CostlaneError, emptyUsage, type ErrorCode } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import type { AttemptContext, AttemptFailure, AttemptOutcome, ProviderTransport } from '../../attempt';
import type { ProviderRequest, ProviderSink } from '../../provider';
import type { ProviderConfig } from '../../provider-config';
import type { ProviderMetrics } from '../../provider-metrics';
import { ResilientAdapter } from '../../resilient-adapter';
import { createCollectingSink } from '../../testing/collecting-sink';
import { Deployment } from '../deployment';

/** What a deployment does with one call. */
export type Answer = (
  request: ProviderRequest,
  sink: ProviderSink,
  context: AttemptContext,
) => Promise<AttemptOutcome> | AttemptOutcome;

const since = (context: AttemptContext): number => performance.now() - context.startedAtMs;

export const failure = (code: ErrorCode, parts: Partial<AttemptFailure> = {}): AttemptFailure => {
  const error = new CostlaneError(code, code, { retryAfterMs: parts.retryAfterMs });
  return {
    ok: false,
    error,
    usageSource: 'none',
    latencyMs: 1,
    upstreamCalls: 1,
    hasDelivered: false,
    isRetryable: error.isRetryable,
    verdict: 'failure',
    ...parts,
  };
};

/** Fails at once. */
export const fails =
  (code: ErrorCode, parts: Partial<AttemptFailure> = {}): Answer =>
  (_request, _sink, { upstreamCalls }) =>
    failure(code, { upstreamCalls, ...parts });

export const rateLimited = (retryAfterMs?: number): Answer =>
  fails('upstream_rate_limited', { status: 429, verdict: 'neutral', retryAfterMs });

/** Answers after a while, streamed where that is asked for, with its name; leaves at once when the signal says so. */
export const answers =
  (name: string, afterMs = 0): Answer =>
  async (request, sink, context) => {
    if (!(await waits(afterMs, request))) {
      return failure('cancelled', {
        upstreamCalls: context.upstreamCalls,
        verdict: 'neutral',
        latencyMs: since(context),
      });
    }
    const timeToFirstTokenMs = since(context);
    if (request.stream) {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      sink.chunk(Buffer.from(name));
    }
    return {
      ok: true,
      status: 200,
      contentType: 'application/json',
      modelUsed: name,
      usage: { ...emptyUsage, freshInputTokens: 10, outputTokens: 100 },
      usageSource: 'provider',
      ...(request.stream ? { timeToFirstTokenMs } : {}),
      latencyMs: since(context),
      upstreamCalls: context.upstreamCalls,
      isCacheable: true,
    };
  };

/** False when the request was left meanwhile. */
function waits(ms: number, { signal }: ProviderRequest): Promise<boolean> {
  if (ms === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

export interface FakeCall {
  deployment: string;
  atMs: number;
  request: ProviderRequest;
}

export type FakeDeployments = Record<string, Answer | { answer: Answer; weight?: number; models?: string[] }>;

/** An adapter whose deployments answer as they are told; `answers` may be changed between calls. */
export function createFakeProvider(deployments: FakeDeployments, config: Partial<ProviderConfig> = {}) {
  const calls: FakeCall[] = [];
  const current = new Map<string, Answer>();
  const made = Object.entries(deployments).map(([name, given]) => {
    const { answer, weight, models } = typeof given === 'function' ? { answer: given } : given;
    current.set(name, answer);
    const transport: ProviderTransport = {
      async attempt(request, sink, context) {
        calls.push({ deployment: name, atMs: Date.now(), request });
        return (current.get(name) ?? answer)(request, sink, context);
      },
      close: () => Promise.resolve(),
    };
    return new Deployment(name, transport, weight, models && new Set(models));
  });
  const counts: Record<string, number> = {};
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  const metrics: ProviderMetrics = {
    retried: (code) => count(`retried ${code}`),
    retryRefused: () => count('retry refused'),
    breakerChanged: ({ deployment, state, isModelOpen }) => count(`${deployment} ${state}${isModelOpen ? ' all' : ''}`),
    coolingDown: (deployment, code) => count(`${deployment} cools ${code}`),
    hedged: (result) => count(`hedge ${result}`),
    flexUnavailable: () => count('flex unavailable'),
    overloaded: () => count('overloaded'),
  };
  const whole: ProviderConfig = { name: 'p', kind: 'openai-compatible', baseUrl: '', ...config };
  const adapter = new ResilientAdapter(whole, made, { metrics, random: () => 1 });
  const call = (request: Partial<ProviderRequest> = {}, sink: ProviderSink = createCollectingSink()) =>
    adapter.execute(
      {
        requestId: 'r',
        dialect: 'openai.chat',
        upstreamModel: 'm',
        stream: false,
        body: Buffer.from('{"model":"m","messages":[]}'),
        deadlineAtMs: Date.now() + 60_000,
        signal: new Cancellation(),
        ...request,
      },
      sink,
    );
  return {
    adapter,
    call,
    calls,
    counts,
    asked: () => calls.map(({ deployment }) => deployment),
    setAnswer: (name: string, answer: Answer) => void current.set(name, answer),
  };
}
