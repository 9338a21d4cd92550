import fc from 'fast-check';
import { emptyUsage } from '../../money/token-usage';
import { mockPrice } from '../testing/mock-price';
import { testModel, testPolicy } from '../testing/test-policy';
import { bootstrapTotals, middle95 } from './bootstrap-totals';
import type { PastRequest } from './past-request';
import { replayRequest } from './replay-request';
import { defaultTokenSpread, replayTraffic } from './replay-traffic';

const model = (name: string, tier: 'economy' | 'standard' | 'premium', usd: string) =>
  testModel({ name, tier, price: mockPrice(name, usd), quality: 0.5 });
const models = [model('small', 'economy', '1'), model('middle', 'standard', '5'), model('large', 'premium', '20')];
const policy = testPolicy({ models, settings: { isConfidenceChecked: false } });
const none = { prompt: 1, output: 1, reasoning: 1 };

const past = (request: Partial<PastRequest> = {}): PastRequest => ({
  tenantId: 'acme',
  modelAsked: 'auto',
  modelUsed: 'large',
  usage: { ...emptyUsage, freshInputTokens: 800, outputTokens: 200 },
  paidNanoUsd: 20_000_000,
  complexity: 0.1,
  ...request,
});

describe('the replay of a request', () => {
  it('gives it to the model that the policy chooses, at its price', () => {
    expect(replayRequest(policy, past({ predictedGain: 0.2 }), none)).toEqual({
      outcome: 'changed',
      model: 'small',
      fromTier: 'premium',
      toTier: 'economy',
      cost: { low: 1_000_000, likely: 1_000_000, high: 1_000_000 },
      qualityChange: -0.2,
    });
  });

  it('leaves what was paid where the same model is chosen, whatever its price is now', () => {
    const result = replayRequest(policy, past({ complexity: 0.9, paidNanoUsd: 7 }), defaultTokenSpread);
    expect(result).toMatchObject({ outcome: 'same', cost: { low: 7, likely: 7, high: 7 }, qualityChange: 0 });
  });

  it('honours a model that the request named', () => {
    expect(replayRequest(policy, past({ modelAsked: 'middle' }), none)).toMatchObject({ model: 'middle' });
    const unknown = replayRequest(policy, past({ modelAsked: 'gone', modelUsed: 'gone' }), none);
    expect(unknown).toMatchObject({ outcome: 'refused', model: 'gone', cost: { likely: 20_000_000 } });
  });

  it('changes nothing of hits and failures, nor of requests whose record says too little', () => {
    expect(replayRequest(policy, past({ fixedBy: 'cache' }), none)).toMatchObject({ outcome: 'fixed', model: 'large' });
    expect(replayRequest(policy, past({ complexity: undefined }), none)).toMatchObject({ outcome: 'unjudged' });
  });

  it('takes another model without a price as unpriced, never as free', () => {
    const unpriced = testPolicy({ models: [...models, testModel({ name: 'free' })] });
    const result = replayRequest(unpriced, past({ modelAsked: 'free' }), none);
    expect(result).toMatchObject({ outcome: 'unpriced', cost: { likely: 20_000_000 } });
  });

  it('keeps the share that a batch discount took off', () => {
    const result = replayRequest(policy, past({ paidNanoUsd: 10_000_000, batchSavingNanoUsd: 10_000_000 }), none);
    expect(result.cost.likely).toBe(500_000);
  });

  it('widens by tokens, by reasoning that may not be there, and by a cache that may be cold', () => {
    const usage = { ...emptyUsage, cacheReadTokens: 1_000, outputTokens: 100, reasoningTokens: 50 };
    const { cost } = replayRequest(policy, past({ usage }), { prompt: 1.1, output: 2, reasoning: 4 });
    expect(cost).toEqual({ low: 90_900 + 50_000, likely: 100_000 + 150_000, high: 1_100_000 + 300_000 });
  });

  it('expects more of a model that would begin to reason', () => {
    const capabilities = {
      tools: true,
      vision: false,
      audio: false,
      jsonMode: true,
      jsonSchema: true,
      reasoning: true,
      logprobs: false,
    };
    const reasoning = testPolicy({
      models: [...models, testModel({ name: 'thinker', price: mockPrice('thinker', '5'), capabilities })],
    });
    const asked = past({ modelAsked: 'thinker' });
    expect(replayRequest(reasoning, asked, { ...none, reasoning: 4 }).cost).toEqual({
      low: 5_000_000,
      likely: 5_000_000,
      high: 8_000_000,
    });
    const usage = { ...asked.usage, reasoningTokens: 1 };
    expect(replayRequest(reasoning, { ...asked, usage }, { ...none, reasoning: 4 }).cost.high).toBe(5_005_000);
  });

  it('predicts a change of quality only across the border of the economy tier', () => {
    const up = { modelAsked: 'large', modelUsed: 'small', predictedGain: 0.3 };
    expect(replayRequest(policy, past(up), none).qualityChange).toBe(0.3);
    expect(replayRequest(policy, past({ ...up, predictedGain: undefined }), none).qualityChange).toBeUndefined();
    expect(
      replayRequest(policy, past({ ...up, modelAsked: 'middle', modelUsed: 'large' }), none).qualityChange,
    ).toBeUndefined();
  });
});

const requests = fc.array(
  fc.record({
    tenantId: fc.constantFrom('acme', 'globex', 'initech'),
    modelAsked: fc.constantFrom('auto', '', 'small', 'middle', 'large', 'gone'),
    modelUsed: fc.constantFrom('small', 'middle', 'large', 'gone'),
    usage: fc.record({
      freshInputTokens: fc.nat(100_000),
      cacheReadTokens: fc.nat(100_000),
      cacheWriteShortTokens: fc.nat(10_000),
      cacheWriteLongTokens: fc.constant(0),
      outputTokens: fc.nat(20_000),
      reasoningTokens: fc.nat(20_000),
    }),
    paidNanoUsd: fc.nat(1_000_000_000),
    complexity: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    predictedGain: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    fixedBy: fc.option(fc.constantFrom('cache' as const, 'error' as const), { nil: undefined }),
  }),
  { maxLength: 40 },
);

describe('the replay of traffic', () => {
  it('adds up: outcomes, tenants and tiers are each all of the requests and all of the money', () => {
    fc.assert(
      fc.property(requests, (traffic) => {
        const report = replayTraffic(policy, traffic);
        const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
        expect(total(Object.values(report.outcomes))).toBe(traffic.length);
        for (const parts of [report.tenants, report.moves]) {
          expect(total(parts.map((part) => part.requests))).toBe(report.requests);
          expect(total(parts.map((part) => part.changed))).toBe(report.outcomes.changed);
          expect(total(parts.map((part) => part.paidNanoUsd))).toBe(report.paidNanoUsd);
          expect(total(parts.map((part) => part.cost.likely))).toBe(report.cost.likely);
        }
        expect(total(report.models.map((part) => part.requests))).toBe(report.outcomes.changed);
        expect(report.qualityChange.predicted + report.qualityChange.unpredicted).toBe(report.outcomes.changed);
      }),
      { numRuns: 50 },
    );
  });

  it('has the likely cost between the low and the high one, and the wide interval around the narrow one', () => {
    fc.assert(
      fc.property(requests, (traffic) => {
        const { cost, savedInterval, savedIntervalWidened } = replayTraffic(policy, traffic);
        expect(cost.low).toBeLessThanOrEqual(cost.likely);
        expect(cost.likely).toBeLessThanOrEqual(cost.high);
        if (!savedInterval || !savedIntervalWidened) return expect(savedInterval).toBe(savedIntervalWidened);
        expect(savedIntervalWidened[0]).toBeLessThanOrEqual(savedInterval[0]);
        expect(savedIntervalWidened[1]).toBeGreaterThanOrEqual(savedInterval[1]);
      }),
      { numRuns: 50 },
    );
  });

  it('saves nothing under the policy that made the choices', () => {
    const traffic = [0.1, 0.5, 0.9].map((complexity, at) =>
      past({ complexity, modelUsed: models[at]?.name ?? '', predictedGain: 0.2 }),
    );
    const report = replayTraffic(policy, traffic);
    expect(report).toMatchObject({ changed: 0, savedShare: 0, savedInterval: [0, 0], qualityChange: { expected: 0 } });
  });

  it('gives the same again for a seed, and no share of nothing', () => {
    const traffic = Array.from({ length: 60 }, (_, at) =>
      past({ paidNanoUsd: 1_000_000 * (at + 1), complexity: at / 60 }),
    );
    expect(replayTraffic(policy, traffic, { seed: 3 })).toEqual(replayTraffic(policy, traffic, { seed: 3 }));
    expect(replayTraffic(policy, traffic, { seed: 4 }).savedInterval).not.toEqual(
      replayTraffic(policy, traffic, { seed: 3 }).savedInterval,
    );
    expect(replayTraffic(policy, [])).toMatchObject({ requests: 0, savedShare: undefined, savedInterval: undefined });
  });
});

describe('the bootstrap', () => {
  it('gives an interval as wide as theory has it for a mean', () => {
    const values = Float64Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 1 : 0));
    const [totals] = bootstrapTotals([values], 1);
    const [low, high] = middle95([...(totals ?? [])].map((sum) => sum / 400)) ?? [0, 0];
    const expected = 2 * 1.96 * Math.sqrt(0.25 / 400);
    expect(high - low).toBeGreaterThan(0.85 * expected);
    expect(high - low).toBeLessThan(1.15 * expected);
    expect((low + high) / 2).toBeCloseTo(0.5, 1);
  });

  it('draws the columns together', () => {
    const [once, twice] = bootstrapTotals([Float64Array.of(1, 5, 9), Float64Array.of(2, 10, 18)], 2);
    expect([...(twice ?? [])]).toEqual([...(once ?? [])].map((sum) => 2 * sum));
  });
});
