import { CostlaneError } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import type { AttemptContext, AttemptFailure, AttemptOutcome, ProviderTransport } from './attempt';
import { Deployment } from './deployments/deployment';
import type { ProviderRequest } from './provider';
import type { ProviderConfig } from './provider-config';
import { ResilientAdapter } from './resilient-adapter';
import { createCollectingSink } from './testing/collecting-sink';

const success: AttemptOutcome = {
  ok: true,
  status: 200,
  contentType: 'application/json',
  usageSource: 'none',
  latencyMs: 1,
  upstreamCalls: 1,
  isCacheable: true,
};

const failure = (parts: Partial<AttemptFailure> = {}): AttemptFailure => ({
  ok: false,
  error: new CostlaneError('upstream_error', 'failed'),
  usageSource: 'none',
  latencyMs: 1,
  upstreamCalls: 1,
  hasDelivered: false,
  isRetryable: true,
  verdict: 'failure',
  ...parts,
});

/** An adapter whose transport answers from a script, the last entry for ever. */
function create(script: ((context: AttemptContext) => AttemptOutcome)[], config: Partial<ProviderConfig> = {}) {
  const calls: AttemptContext[] = [];
  const counted = { retried: 0, refused: 0 };
  const transport: ProviderTransport = {
    attempt(_request, _sink, context) {
      calls.push(context);
      const answer = script[Math.min(calls.length, script.length) - 1];
      const outcome = answer?.(context) ?? success;
      return Promise.resolve({ ...outcome, upstreamCalls: context.upstreamCalls });
    },
    close: () => Promise.resolve(),
  };
  const whole: ProviderConfig = {
    name: 'p',
    kind: 'openai-compatible',
    baseUrl: '',
    retry: { baseDelayMs: 1 },
    ...config,
  };
  const metrics = {
    retried: () => void counted.retried++,
    retryRefused: () => void counted.refused++,
    breakerChanged: () => undefined,
    coolingDown: () => undefined,
    hedged: () => undefined,
    flexUnavailable: () => undefined,
    overloaded: () => undefined,
  };
  const adapter = new ResilientAdapter(whole, [new Deployment('default', transport)], { metrics });
  const call = (request: Partial<ProviderRequest> = {}) =>
    adapter.execute(
      {
        requestId: 'r',
        dialect: 'openai.chat',
        upstreamModel: 'm',
        stream: false,
        body: Buffer.from('{}'),
        deadlineAtMs: Date.now() + 1_000,
        signal: new Cancellation(),
        ...request,
      },
      createCollectingSink(),
    );
  return { call, calls, counted };
}

describe('ResilientAdapter', () => {
  it('tries a second time and no third', async () => {
    const { call, calls, counted } = create([() => failure()]);
    expect(await call()).toMatchObject({ ok: false, upstreamCalls: 2 });
    expect(calls).toHaveLength(2);
    expect(counted.retried).toBe(1);
  });

  it.each([
    ['nothing can be gained', { isRetryable: false }],
    ['something was delivered', { hasDelivered: true }],
    ['the provider asks for a wait beyond the deadline', { retryAfterMs: 5_000 }],
  ])('does not try again when %s', async (_name, parts) => {
    const { call, calls } = create([() => failure(parts)]);
    await call();
    expect(calls).toHaveLength(1);
  });

  it('retries no more than a tenth of the requests once its reserve is used', async () => {
    const config = { retry: { baseDelayMs: 1, reserve: 2 }, breaker: { failureThreshold: Infinity } };
    const { call, calls, counted } = create([() => failure()], config);
    for (let i = 0; i < 100; i++) await call();
    expect(calls.length).toBeLessThanOrEqual(112);
    expect(calls.length).toBeGreaterThanOrEqual(111);
    expect(counted.refused).toBe(200 - calls.length);
  });

  it('gives the first failure when the circuit opens before the second attempt', async () => {
    const { call, calls } = create([() => failure()], { breaker: { failureThreshold: 1, openMs: 60_000 } });
    expect(await call()).toMatchObject({ ok: false, error: { code: 'upstream_error' } });
    expect(await call()).toMatchObject({ ok: false, error: { code: 'circuit_open' }, upstreamCalls: 0 });
    expect(calls).toHaveLength(1);
  });

  it('closes the circuit as soon as a probe begins to be answered', async () => {
    const config = { retry: { ratio: 0, reserve: 0 }, breaker: { failureThreshold: 1, openMs: 1 } };
    const states: string[] = [];
    const { call } = create(
      [
        () => failure(),
        (context) => {
          context.onAnswering?.();
          states.push(context.onAnswering ? 'probe' : 'ordinary');
          return success;
        },
      ],
      config,
    );
    await call();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await call();
    await call();
    expect(states).toEqual(['probe', 'ordinary']);
  });

  it('turns a transport that throws into an outcome', async () => {
    const { call } = create([
      () => {
        throw new Error('defect');
      },
    ]);
    expect(await call()).toMatchObject({ ok: false, error: { code: 'internal' } });
  });
});
