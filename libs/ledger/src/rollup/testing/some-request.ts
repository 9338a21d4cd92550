import fc from 'fast-check';
import type { CompletionRecord } from '@costlane/contracts';
import { sampleRecord } from '../../testing/sample-record';

const HOUR_MS = 3_600_000;
const few = (name: string): fc.Arbitrary<string | undefined> =>
  fc.constantFrom(undefined, `${name}-1`, `${name}-2`, `=${name}'"\\`, '');
const tokens = fc.nat(5_000);
const saving = fc.integer({ min: -1_000_000, max: 5_000_000 });
/** In whole microseconds, which are exact in both ways of adding them up. */
const waiting = fc.nat(90_000_000).map((micros) => micros / 1_000);

/** Requests of few tenants, users and so on, in the hours before `endMs`: of every tier, failed, free, held out, in experiments. */
export const someRequest = (endMs: number, hours: number): fc.Arbitrary<CompletionRecord> =>
  fc
    .record({
      requestId: fc.uuid(),
      tenantId: fc.constantFrom('acme', 'globex'),
      teamId: few('team'),
      userId: few('user'),
      keyId: few('key'),
      featureName: few('feature'),
      experimentId: fc.constantFrom(undefined, undefined, 'exp-1', 'exp-2'),
      experimentVariant: fc.constantFrom(undefined, 'a', 'b'),
      endpoint: fc.constantFrom('/v1/chat/completions', '/v1/inference'),
      provider: fc.constantFrom('openai', 'anthropic'),
      modelUsed: fc.constantFrom('small', 'large'),
      cacheTier: fc.constantFrom('miss', 'miss', 'memory', 'exact', 'semantic', 'coalesced'),
      usage: fc.record({
        freshInputTokens: tokens,
        cacheReadTokens: tokens,
        cacheWriteShortTokens: tokens,
        cacheWriteLongTokens: tokens,
        outputTokens: tokens,
        reasoningTokens: tokens,
      }),
      savings: fc.record({ cache: saving, routing: saving, prefix: saving, batching: saving }),
      paidNanoUsd: fc.nat(10_000_000),
      priceVersion: fc.constantFrom(undefined, 'list-1'),
      outcome: fc.constantFrom([200, undefined], [200, undefined], [502, 'upstream_unreachable'], [429, undefined]),
      createdAtMs: fc.nat(hours * HOUR_MS - 1).map((ageMs) => endMs - 1 - ageMs),
      latencyMs: waiting,
      timeToFirstTokenMs: fc.option(waiting, { nil: undefined }),
      isHoldout: fc.constantFrom(undefined, true as const),
    })
    .map(({ outcome: [httpStatus, errorCode], paidNanoUsd, savings, ...fields }) => {
      const saved = Object.values(savings).reduce((a, b) => a + b);
      const paid = Math.max(paidNanoUsd, -saved);
      return sampleRecord({
        ...fields,
        savings,
        paidNanoUsd: paid,
        baselineNanoUsd: paid + saved,
        httpStatus: httpStatus as number,
        errorCode: errorCode as CompletionRecord['errorCode'],
        upstreamCalls: fields.cacheTier === 'miss' ? 1 : 0,
      });
    });

/** The same ones for the same seed. */
export const someRequests = (seed: number, count: number, endMs: number, hours: number): CompletionRecord[] =>
  fc.sample(someRequest(endMs, hours), { seed, numRuns: count });
