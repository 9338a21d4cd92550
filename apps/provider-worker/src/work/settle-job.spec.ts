import { CostlaneError, emptyUsage, type TokenUsage } from '@costlane/domain';
import { sampleJobHeader } from '@costlane/testing';
import fc from 'fast-check';
import { samplePrice, sampleUsage } from '../testing/fakes';
import type { RunOutcome } from './run-outcome';
import { settleJob } from './settle-job';

const outcomeOf = (outcome: Partial<RunOutcome> = {}): RunOutcome => ({
  usage: sampleUsage,
  usageSource: 'provider',
  latencyMs: 5,
  upstreamCalls: 2,
  status: 200,
  contentType: 'application/json',
  isCacheable: true,
  ...outcome,
});
const header = sampleJobHeader({ fingerprint: 'f00', cacheTtlSeconds: 60, cacheTag: 't', createdAtMs: 1_000 });
const job = { header, body: Buffer.from('{"messages":[]}') };
const tokens = fc.nat(1_000_000);
const anyUsage: fc.Arbitrary<TokenUsage> = fc.record({
  freshInputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteShortTokens: tokens,
  cacheWriteLongTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
});

describe('settleJob', () => {
  it('prices what was used, with the saving of the provider’s cache', () => {
    const { reply, record } = settleJob(job, 'a1', outcomeOf(), { used: samplePrice }, 1_250);
    // 150 × 1,000 + 10 × 2,000 at list price; 50 of the prompt tokens at a tenth
    expect(record).toMatchObject({
      baselineNanoUsd: 170_000,
      paidNanoUsd: 125_000,
      savings: { cache: 0, routing: 0, prefix: 45_000, batching: 0 },
      priceVersion: 'p1',
      usageSource: 'provider',
      upstreamCalls: 2,
      attempt: 'a1',
      latencyMs: 250,
      finishedAtMs: 1_250,
      cacheTier: 'miss',
      httpStatus: 200,
    });
    expect(reply).toMatchObject({ paidNanoUsd: 125_000, baselineNanoUsd: 170_000, status: 200, errorCode: undefined });
  });

  it('is on record under the id and time that the request says, and took as long as it took', () => {
    const asked = { ...header, recordedAtMs: 500, recordId: 'job-1' };
    const { record, fill } = settleJob({ ...job, header: asked }, 'a1', outcomeOf(), { used: samplePrice }, 1_250);
    expect(record).toMatchObject({ requestId: 'job-1', createdAtMs: 500, latencyMs: 250 });
    expect(fill?.entry.askedAtMs).toBe(1_000);
  });

  it('keeps the prompt where the tenant asked for it, and only there', () => {
    const recordOf = (own: object) =>
      settleJob({ ...job, header: { ...header, ...own } }, 'a1', outcomeOf(), { used: samplePrice }, 1_250).record;
    expect(recordOf({}).prompt).toBeUndefined();
    expect(recordOf({ promptRetentionDays: 30, promptHash: 'c0de', isHoldout: true })).toMatchObject({
      prompt: { text: '{"messages":[]}', retentionDays: 30 },
      promptHash: 'c0de',
      isHoldout: true,
    });
  });

  it('follows the service tier of the answer', () => {
    const { record } = settleJob(job, 'a1', outcomeOf({ serviceTier: 'flex' }), { used: samplePrice }, 1_000);
    expect(record).toMatchObject({ paidNanoUsd: 62_500, savings: { prefix: 45_000, batching: 62_500 } });
  });

  it('balances to the nano-dollar for any usage and tier, the reply like the record', () => {
    fc.assert(
      fc.property(anyUsage, fc.constantFrom(undefined, 'flex', 'default', 'turbo'), (usage, serviceTier) => {
        const { record, reply } = settleJob(job, 'a1', outcomeOf({ usage, serviceTier }), { used: samplePrice }, 1_000);
        const { cache, routing, prefix, batching } = record.savings;
        expect(record.baselineNanoUsd - record.paidNanoUsd).toBe(cache + routing + prefix + batching);
        expect([reply.paidNanoUsd, reply.baselineNanoUsd, reply.savings]).toEqual([
          record.paidNanoUsd,
          record.baselineNanoUsd,
          record.savings,
        ]);
      }),
    );
  });

  it('says on the record what the price did not say', () => {
    const stranger = settleJob(job, 'a', outcomeOf({ serviceTier: 'turbo' }), { used: samplePrice }, 1);
    expect(stranger.record.priceAssumptions).toEqual(['service_tier_unpriced']);
    expect(settleJob(job, 'a', outcomeOf(), { used: samplePrice }, 1).record.priceAssumptions).toBeUndefined();
  });

  it('flags a model without a price: its cost is unknown, not zero', () => {
    const { record, reply } = settleJob(job, 'a1', outcomeOf(), { used: undefined }, 1_000);
    expect([record.priceVersion, record.paidNanoUsd]).toEqual([undefined, 0]);
    expect(record.usage).toEqual(sampleUsage);
    expect(reply.priceVersion).toBeUndefined();
  });

  it('charges nothing where nothing was delivered', () => {
    const error = new CostlaneError('upstream_error', 'no', { retryAfterMs: 700 });
    const outcome = outcomeOf({ usage: undefined, usageSource: 'none', error });
    const { record, reply, fill } = settleJob(job, 'a1', outcome, { used: samplePrice }, 1_000);
    expect(record).toMatchObject({ paidNanoUsd: 0, httpStatus: 502, errorCode: 'upstream_error', usageSource: 'none' });
    expect(reply).toMatchObject({ status: 502, errorCode: 'upstream_error', retryAfterMs: 700 });
    expect(fill).toBeUndefined();
  });

  it('charges an interrupted answer for what it delivered, marked as an estimate', () => {
    const usage = { ...emptyUsage, outputTokens: 7 };
    const error = new CostlaneError('stream_interrupted', 'cut');
    const outcome = outcomeOf({ usage, usageSource: 'estimated', error });
    const { record, fill } = settleJob(job, 'a1', outcome, { used: samplePrice }, 1_000);
    expect(record).toMatchObject({ paidNanoUsd: 14_000, usageSource: 'estimated', errorCode: 'stream_interrupted' });
    expect(fill).toBeUndefined();
  });

  it('fills the cache under the model that was asked and the one that answered', () => {
    const outcome = outcomeOf({ modelUsed: 'm-2026' });
    const { fill } = settleJob(
      { ...job, header: { ...header, stream: true } },
      'a1',
      outcome,
      { used: samplePrice },
      1_250,
    );
    expect(fill).toEqual({
      tenantId: 'acme',
      fingerprint: 'f00',
      ttlSeconds: 60,
      tag: 't',
      entry: {
        v: 1,
        form: 'sse',
        provider: 'mock',
        modelAsked: 'm',
        modelUsed: 'm-2026',
        usage: sampleUsage,
        baselineNanoUsd: 170_000,
        priceVersion: 'p1',
        askedAtMs: 1_000,
        createdAtMs: 1_250,
      },
    });
  });

  it('fills the cache under the model’s name that the job gives, to be kept when it is stale where the job says so', () => {
    const kept = { ...header, cacheModel: 'auto', isStaleKept: true as const };
    const { fill } = settleJob({ ...job, header: kept }, 'a1', outcomeOf(), { used: samplePrice }, 1_000);
    expect(fill).toMatchObject({ isStaleKept: true, entry: { modelAsked: 'auto', modelUsed: 'm' } });
  });

  it.each([
    ['has no fingerprint', { fingerprint: undefined }, {}],
    ['allows no time in the cache', { cacheTtlSeconds: 0 }, {}],
    ['got an answer that may not be given again', {}, { isCacheable: false }],
  ])('fills no cache for a request that %s', (_, changed, outcome) => {
    expect(
      settleJob({ ...job, header: { ...header, ...changed } }, 'a1', outcomeOf(outcome), { used: samplePrice }, 1_000)
        .fill,
    ).toBeUndefined();
  });

  it('never reports a negative latency where two machines’ clocks differ', () => {
    expect(settleJob(job, 'a1', outcomeOf(), { used: samplePrice }, 900).record.latencyMs).toBe(0);
  });
});
