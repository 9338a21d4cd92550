import fc from 'fast-check';
import type { CompletionRecord } from '@costlane/contracts';

const DAY_MS = 86_400_000;

/** A record that the ledger takes, with what a test cares about replaced. */
export function sampleRecord(changes: Partial<CompletionRecord> = {}): CompletionRecord {
  const createdAtMs = changes.createdAtMs ?? Date.now();
  return {
    v: 1,
    requestId: 'req_1',
    attempt: 'a1',
    tenantId: 'acme',
    teamId: 'search',
    userId: 'user-7',
    keyId: '0198c9f0-0000-7000-8000-000000000001',
    featureName: 'autocomplete',
    endpoint: '/v1/chat/completions',
    provider: 'openai',
    modelAsked: 'gpt-4o',
    modelUsed: 'gpt-4o-2024-08-06',
    routeReason: 'requested',
    policyVersion: '2026-11-21.1',
    cacheTier: 'miss',
    stream: false,
    usage: {
      freshInputTokens: 120,
      cacheReadTokens: 1_024,
      cacheWriteShortTokens: 0,
      cacheWriteLongTokens: 0,
      outputTokens: 80,
      reasoningTokens: 0,
    },
    usageSource: 'provider',
    paidNanoUsd: 2_380_000,
    baselineNanoUsd: 3_660_000,
    savings: { cache: 0, routing: 0, prefix: 1_280_000, batching: 0 },
    priceVersion: 'list-2026-11',
    priceAssumptions: ['service_tier_unpriced', 'reasoning_unpriced'],
    httpStatus: 200,
    finishedAtMs: createdAtMs + 412,
    latencyMs: 412.25,
    timeToFirstTokenMs: 180.5,
    upstreamCalls: 1,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...changes,
    createdAtMs,
  };
}

/** Many sound records with ids of their own, `count` of them on few days and tenants. */
export function sampleRecords(count: number, prefix = 'req'): CompletionRecord[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, i) =>
    sampleRecord({
      requestId: `${prefix}_${i.toString(36).padStart(8, '0')}`,
      tenantId: `tenant-${i % 8}`,
      userId: `user-${i % 100}`,
      createdAtMs: now - (i % 1_000),
    }),
  );
}

const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const anySaving = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
const anyTokens = fc.nat(2_000_000);
const anyUsage = fc.record(
  {
    freshInputTokens: anyTokens,
    cacheReadTokens: anyTokens,
    cacheWriteShortTokens: anyTokens,
    cacheWriteLongTokens: anyTokens,
    outputTokens: anyTokens,
    reasoningTokens: anyTokens,
    modality: fc.record({
      audioInputTokens: anyTokens,
      audioCacheReadTokens: anyTokens,
      audioOutputTokens: anyTokens,
      imageInputTokens: anyTokens,
    }),
  },
  {
    requiredKeys: [
      'freshInputTokens',
      'cacheReadTokens',
      'cacheWriteShortTokens',
      'cacheWriteLongTokens',
      'outputTokens',
      'reasoningTokens',
    ],
  },
);

/** Sound records of every kind: texts of any characters, days near and far, savings of either sign. */
export const anyRecord: fc.Arbitrary<CompletionRecord> = fc
  .record({
    id: fc.uuid(),
    attempt: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 12 }),
    tenantId: fc.constantFrom('acme', 'globex', 'initech'),
    texts: fc.array(anyText, { minLength: 8, maxLength: 8 }),
    savings: fc.record({ cache: anySaving, routing: anySaving, prefix: anySaving, batching: anySaving }),
    paidNanoUsd: fc.nat(2 ** 31 - 1),
    usage: fc.option(anyUsage, { nil: undefined }),
    createdAtMs: fc.oneof(
      fc.integer({ min: 0, max: 2 * DAY_MS }).map((ageMs) => Date.now() - ageMs),
      fc.constantFrom(0, 951_782_400_000, 8.64e15 - 1_000),
    ),
    latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    stream: fc.boolean(),
  })
  .map(({ id, attempt, tenantId, texts, savings, paidNanoUsd, usage, createdAtMs, latencyMs, stream }) => {
    const saved = savings.cache + savings.routing + savings.prefix + savings.batching;
    // What was paid may not be negative, nor the baseline: a saving below minus the payment raises the payment.
    const paid = Math.max(paidNanoUsd, -saved);
    return sampleRecord({
      requestId: `req_${id}`,
      attempt,
      tenantId,
      teamId: texts[0],
      userId: texts[1],
      featureName: texts[2],
      modelAsked: texts[3] ?? '',
      routeReason: texts[4] ?? '',
      endpoint: texts[5] ?? '',
      policyVersion: texts[6] ?? '',
      experimentId: texts[7],
      experimentVariant: texts[0],
      route: {
        strategy: texts[1] ?? '',
        route: texts[2] ?? '',
        reason: texts[4] ?? '',
        tier: 'standard',
        complexity: latencyMs / 1e6,
        candidates: texts.map((model) => ({ model, provider: model })),
      },
      otherCalls: [
        {
          reason: 'hedge',
          provider: '',
          model: texts[3] ?? '',
          usage,
          usageSource: 'provider',
          paidNanoUsd,
          latencyMs,
        },
      ],
      savings,
      paidNanoUsd: paid,
      baselineNanoUsd: paid + saved,
      usage,
      createdAtMs,
      latencyMs,
      stream,
    });
  });
