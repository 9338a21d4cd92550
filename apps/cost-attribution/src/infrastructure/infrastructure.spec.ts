import type { CompletionRecord } from '@costlane/contracts';
import { emptyUsage } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import { z } from 'zod';
import { configSchema } from '../config';
import { testRecord } from '../testing/test-stream';
import { factsOfRecord, infrastructureCostBy } from './facts-of-record';
import { createInfrastructureFeature } from './infrastructure.feature';
import { infrastructureOf, infrastructureSettings } from './infrastructure-settings';

const schema = z.object(infrastructureSettings);

describe('what a record says of the work behind it', () => {
  const factsOf = (own: Partial<CompletionRecord>) =>
    factsOfRecord({ ...testRecord('r'), errorCode: undefined, ...own });

  it('is a miss with its tokens, whose question was compared and whose answer is kept', () => {
    const usage = { ...emptyUsage, freshInputTokens: 10, cacheReadTokens: 5, outputTokens: 3, reasoningTokens: 4 };
    expect(factsOf({ cacheTier: 'miss', stream: true, httpStatus: 200, usage, latencyMs: 7 })).toEqual({
      work: 'streamed_miss',
      latencyMs: 7,
      inputTokens: 15,
      outputTokens: 7,
      isAnswerKept: true,
      isEmbedded: true,
      prompt: undefined,
    });
    expect(factsOf({ cacheTier: 'miss', stream: false }).work).toBe('miss');
  });

  it('is a hit whose answer is there already, and was compared with others only where its likeness found it', () => {
    expect(factsOf({ cacheTier: 'memory', stream: true })).toMatchObject({ work: 'memory', isEmbedded: false });
    expect(factsOf({ cacheTier: 'semantic' })).toMatchObject({ isEmbedded: true, isAnswerKept: false });
  });

  it('is neither compared nor kept where it was held out, nor kept where it failed', () => {
    expect(factsOf({ isHoldout: true })).toMatchObject({ isEmbedded: false, isAnswerKept: false });
    expect(factsOf({ errorCode: 'upstream_error', httpStatus: 502 })).toMatchObject({ isAnswerKept: false });
  });

  it('is the bytes of a prompt that is kept, and its days', () => {
    expect(factsOf({ prompt: { text: 'Grüße', retentionDays: 30 } }).prompt).toEqual({ bytes: 7, days: 30 });
  });
});

describe('what a record’s request cost our own machines', () => {
  const costOf = infrastructureCostBy(infrastructureOf(schema.parse({})));

  it('is on record in whole nano-dollars, and nothing for a record that makes no sense', () => {
    const record = testRecord('r');
    expect(costOf(record)).toBeGreaterThan(800);
    expect(Number.isSafeInteger(costOf(record))).toBe(true);
    expect(costOf({ ...record, latencyMs: NaN })).toBe(0);
    expect(costOf({ ...record, cacheTier: 'of a later version' as CompletionRecord['cacheTier'] })).toBe(0);
  });
});

describe('what is kept ready', () => {
  it('is shown by the hour', async () => {
    const metrics = createMetrics({ service: 'spec' });
    const DATABASE_URL = 'postgres://nobody@127.0.0.1/none';
    const reserved = { INFRA_RESERVED_CPU_CORES: '4', INFRA_RESERVED_MEMORY_GB: '8', INFRA_RESERVED_STORAGE_GB: '100' };
    createInfrastructureFeature({ metrics, config: configSchema.parse({ DATABASE_URL, ...reserved }) });
    expect(await metrics.registry.metrics()).toMatch(/^costlane_infrastructure_reserved_usd_per_hour.* 0\.20843890/m);
  });
});

describe('the prices of our own machines', () => {
  it('are a cloud’s list prices and what was measured, where nothing is set', () => {
    const { prices, use, reserved } = infrastructureOf(schema.parse({}));
    expect(prices).toMatchObject({ cpuUsdPerCoreHour: 0.04048, embeddingUsdPerMillionTokens: 0 });
    expect([use.cpuMicros.miss, use.recordMonths, reserved.cpuCores]).toEqual([1_103, 12, 0]);
  });

  it('are those that are set', () => {
    const env = {
      INFRA_CPU_MICROSECONDS: 'miss=500, memory=20',
      INFRA_RECORD_MONTHS: '3',
      INFRA_RESERVED_MEMORY_GB: '8',
    };
    const { use, reserved } = infrastructureOf(schema.parse(env));
    expect(use.cpuMicros).toMatchObject({ miss: 500, memory: 20, exact: 185 });
    expect([use.recordMonths, reserved.memoryGb]).toEqual([3, 8]);
  });

  it.each(['mis=5', 'miss', 'miss=', 'miss=-1', 'miss=x', '7'])(
    'are refused for CPU times like %s, with what would be right',
    (text) => {
      const read = schema.safeParse({ INFRA_CPU_MICROSECONDS: text });
      expect(read.error?.issues[0]).toMatchObject({
        path: ['INFRA_CPU_MICROSECONDS'],
        message: expect.stringContaining('streamed_miss') as string,
      });
    },
  );
});
