import { exactKey, servedKey } from '@costlane/contracts';
import { createMetrics } from '@costlane/platform';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import type { RecordedVerdict } from './audit.service';
import { createEntrySource } from './entry-source';
import { createFeedbackService } from './feedback.service';
import { createSemanticMetrics } from './semantic-metrics';

describeWithRedis('feedback on answers from the cache', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());

  function setup() {
    const verdicts: RecordedVerdict[] = [];
    const service = createFeedbackService({
      redis: test.redis,
      store: test.store,
      source: createEntrySource(test.redis),
      audits: { record: async (verdict) => void verdicts.push(verdict) },
      metrics: createSemanticMetrics(createMetrics({ service: 'spec' })),
      logger: silent,
    });
    const served = async (tenantId: string, fingerprint: string): Promise<string> => {
      const record = { fingerprint, similarity: 0.95, probability: 0.9, asked: 'the asked question' };
      await test.redis.set(servedKey(tenantId, 'req_1'), JSON.stringify(record), 'EX', 60);
      return 'req_1';
    };
    return { service, verdicts, served };
  }

  it('evicts a wrong answer before it replies, and counts against the tenant’s limit, once', async () => {
    const [tenantId, { service, verdicts, served }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'the kept question');
    const requestId = await served(tenantId, fingerprint);
    const told = { tenantId, what: { $case: 'requestId' as const, value: requestId }, isWrong: true };
    expect(await service.give(told)).toEqual({ isKnown: true, removedEntries: 1 });
    expect(await test.redis.exists(exactKey(tenantId, fingerprint))).toBe(0);
    expect(verdicts).toEqual([
      {
        tenantId,
        probability: 0.9,
        isWrong: true,
        source: 'feedback',
        asked: 'the asked question',
        kept: 'the kept question',
      },
    ]);
    expect(await service.give(told)).toEqual({ isKnown: false, removedEntries: 0 });
    expect(verdicts).toHaveLength(1);
  });

  it('counts once when it is given several times at once', async () => {
    const [tenantId, { service, verdicts, served }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept');
    const value = await served(tenantId, fingerprint);
    const told = { tenantId, what: { $case: 'requestId' as const, value }, isWrong: true };
    await Promise.all([service.give(told), service.give(told), service.give(told)]);
    expect(verdicts).toHaveLength(1);
  });

  it('leaves a right answer where it is', async () => {
    const [tenantId, { service, verdicts, served }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept');
    const value = await served(tenantId, fingerprint);
    expect(await service.give({ tenantId, what: { $case: 'requestId', value }, isWrong: false })).toEqual({
      isKnown: true,
      removedEntries: 0,
    });
    expect(await test.redis.exists(exactKey(tenantId, fingerprint))).toBe(1);
    expect(verdicts[0]?.isWrong).toBe(false);
  });

  it('of one tenant reaches nothing of another', async () => {
    const [tenantId, other, { service, served }] = [test.tenant(), test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept');
    const value = await served(tenantId, fingerprint);
    for (const what of [
      { $case: 'requestId' as const, value },
      { $case: 'key' as const, value: fingerprint },
    ])
      expect(await service.give({ tenantId: other, what, isWrong: true })).toEqual({
        isKnown: false,
        removedEntries: 0,
      });
    expect(await test.redis.exists(exactKey(tenantId, fingerprint))).toBe(1);
  });

  it('can name the cache key instead', async () => {
    const [tenantId, { service, verdicts }] = [test.tenant(), setup()];
    const value = await test.fill(tenantId, 'kept');
    const told = await service.give({ tenantId, what: { $case: 'key', value }, isWrong: true });
    expect(told).toEqual({ isKnown: true, removedEntries: 1 });
    expect(verdicts).toEqual([]);
  });

  it('has to name something', async () => {
    const { service } = setup();
    await expect(service.give({ tenantId: 'acme', what: undefined, isWrong: true })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'request_id',
    });
  });
});
