import fc from 'fast-check';
import {
  defaultInfrastructurePrices as prices,
  defaultInfrastructureUse as use,
  infrastructureCost,
  infrastructureParts,
  infrastructureRates,
  reservedCostPerHour,
  type InfrastructureFacts,
  type InfrastructureWork,
} from './infrastructure-cost';

const rates = infrastructureRates(prices, use);
const GB = 2 ** 30;
const facts = (own: Partial<InfrastructureFacts> = {}): InfrastructureFacts => ({
  work: 'miss',
  latencyMs: 0,
  inputTokens: 0,
  outputTokens: 0,
  isAnswerKept: false,
  isEmbedded: false,
  ...own,
});
const partsOf = (own: Partial<InfrastructureFacts>) => infrastructureParts(facts(own), rates);
/** Prices of a dollar for one kind of thing, and of nothing for all others. */
const only = (own: Partial<typeof prices>, more: Partial<typeof use> = {}) =>
  infrastructureRates(
    { cpuUsdPerCoreHour: 0, memoryUsdPerGbHour: 0, storageUsdPerGbMonth: 0, embeddingUsdPerMillionTokens: 0, ...own },
    { ...use, recordBytes: 0, answerBytes: 0, heldBytes: 0, ...more },
  );
const anyFacts: fc.Arbitrary<InfrastructureFacts> = fc.record({
  work: fc.constantFrom<InfrastructureWork>('memory', 'exact', 'semantic', 'coalesced', 'miss', 'streamed_miss'),
  latencyMs: fc.nat(1e7),
  inputTokens: fc.nat(2e6),
  outputTokens: fc.nat(2e5),
  isAnswerKept: fc.boolean(),
  isEmbedded: fc.boolean(),
  prompt: fc.option(fc.record({ bytes: fc.nat(65_536), days: fc.integer({ min: 1, max: 3_650 }) }), { nil: undefined }),
});

describe('what our own machines cost for a request', () => {
  it('is its microseconds of CPU, by where its answer came from', () => {
    const cpu = only({ cpuUsdPerCoreHour: 3.6 });
    // A dollar for 1,000 seconds: a nano-dollar a microsecond.
    expect(infrastructureCost(facts({ work: 'memory' }), cpu)).toBe(use.cpuMicros.memory);
    expect(infrastructureCost(facts({ work: 'streamed_miss' }), cpu)).toBe(use.cpuMicros.streamed_miss);
  });

  it('is the memory that it holds while it is under way, for ten minutes at the most', () => {
    const memory = only({ memoryUsdPerGbHour: 3.6 }, { heldBytes: GB });
    expect(infrastructureCost(facts({ latencyMs: 1_000 }), memory)).toBe(1_000_000);
    expect(infrastructureCost(facts({ latencyMs: 86_400_000 }), memory)).toBe(600_000_000);
  });

  it('is that of its stored answer, and of the disk below it, for the answer’s lifetime', () => {
    const kept = facts({ isAnswerKept: true, inputTokens: 100, outputTokens: 156 });
    const memory = only({ memoryUsdPerGbHour: 1 }, { answerBytes: GB - 1_024, answerSeconds: 3_600 });
    expect(infrastructureCost(kept, memory)).toBe(1e9);
    const storage = only({ storageUsdPerGbMonth: 730 }, { answerBytes: GB - 1_024, answerSeconds: 3_600 });
    expect(infrastructureCost(kept, storage)).toBe(1e9);
    expect(infrastructureCost({ ...kept, isAnswerKept: false }, memory)).toBe(0);
  });

  it('is its record for as long as that is kept, and its prompt where that is', () => {
    const storage = only({ storageUsdPerGbMonth: 0.5 }, { recordBytes: GB, recordMonths: 12 });
    expect(infrastructureCost(facts(), storage)).toBe(6e9);
    const days = only({ storageUsdPerGbMonth: 730 });
    expect(infrastructureCost(facts({ prompt: { bytes: GB, days: 2 } }), days)).toBe(48e9);
  });

  it('is its tokens at the price of the embedder, where it was compared with others', () => {
    const embedding = only({ embeddingUsdPerMillionTokens: 0.02 });
    expect(infrastructureCost(facts({ isEmbedded: true, inputTokens: 1_000 }), embedding)).toBe(20_000);
    expect(infrastructureCost(facts({ inputTokens: 1_000 }), embedding)).toBe(0);
  });

  it('is the sum of its parts, rounded once, never negative, and never less for more', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const parts = Object.values(infrastructureParts(any, rates));
        const cost = infrastructureCost(any, rates);
        expect(Number.isSafeInteger(cost) && cost >= 0).toBe(true);
        expect(Math.abs(cost - parts.reduce((sum, part) => sum + part, 0))).toBeLessThanOrEqual(0.5);
        const more = { ...any, latencyMs: any.latencyMs + 1_000, outputTokens: any.outputTokens + 100 };
        expect(infrastructureCost(more, rates)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });

  it('is by the usual figures about a millionth of a dollar, most of it the record', () => {
    const { cpu, memory, storage } = partsOf({
      latencyMs: 800,
      inputTokens: 400,
      outputTokens: 200,
      isAnswerKept: true,
    });
    expect(cpu).toBeCloseTo(12.4, 1);
    expect(memory).toBeCloseTo(22.4, 1);
    expect(storage).toBeCloseTo(805.2, 1);
  });

  it('is refused for a price or an amount that is none', () => {
    expect(() => infrastructureRates({ ...prices, cpuUsdPerCoreHour: -1 }, use)).toThrow('cpuUsdPerCoreHour');
    expect(() => infrastructureRates(prices, { ...use, recordMonths: NaN })).toThrow('recordMonths');
    expect(() => infrastructureRates(prices, use, { cpuCores: 1, memoryGb: Infinity, storageGb: 0 })).toThrow(
      'memoryGb',
    );
  });
});

describe('what the deployment keeps ready', () => {
  it('costs so much an hour, whether it is used or not', () => {
    const reserved = { cpuCores: 4, memoryGb: 8, storageGb: 100 };
    // 4 × 0.04048 + 8 × 0.004445 + 100 × 0.08 ÷ 730
    expect(reservedCostPerHour(infrastructureRates(prices, use, reserved))).toBe(208_438_904);
    expect(reservedCostPerHour(rates)).toBe(0);
  });
});
