import { waitFor } from '@costlane/testing';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { createFalseHitGuard, keepAudit, keepLimit } from './false-hit-guard';

describeWithRedis('the guard against false hits', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());
  const states: string[] = [];
  const guardOf = () =>
    createFalseHitGuard({
      redis: test.redis,
      defaultLimit: 0.02,
      logger: silent,
      onState: (_tenant, state) => states.push(state),
    });
  const loaded = async (guard: ReturnType<typeof guardOf>, tenantId: string) => {
    guard.admit(tenantId, 0);
    return waitFor(() => guard.statuses().find((one) => one.tenantId === tenantId));
  };

  it('lets nothing through before it knows a tenant’s history, then what is near certain', async () => {
    const [guard, tenantId] = [guardOf(), test.tenant()];
    expect(guard.admit(tenantId, 1)).toBeUndefined();
    await loaded(guard, tenantId);
    expect(guard.admit(tenantId, 1)).toBe(true);
    expect(guard.admit(tenantId, 0.6)).toBe(false);
  });

  it('becomes stricter, and in the end switches off, when audits find wrong answers; a replica that comes later knows it too', async () => {
    const [guard, tenantId] = [guardOf(), test.tenant()];
    const before = (await loaded(guard, tenantId)).status.threshold;
    for (let at = 0; at < 400; at++) {
      guard.audited(tenantId, 1, true);
      await keepAudit(test.redis, tenantId, 1, true);
    }
    const status = guard.statuses().find((one) => one.tenantId === tenantId)?.status;
    expect(status?.state).toBe('off');
    expect(status?.observedRate).toBe(1);
    expect(status?.threshold).toBeGreaterThan(before);
    expect(guard.admit(tenantId, 1)).toBe(false);
    expect(states).toEqual(expect.arrayContaining(['tightened', 'off']));
    const later = await loaded(guardOf(), tenantId);
    expect(later.status).toMatchObject({ state: 'off', wrong: expect.any(Number) });
    expect(later.status.wrong).toBeGreaterThan(5);
  });

  it('is as careful after a restart as audits had made it', async () => {
    const tenantId = test.tenant();
    // One question in ten is less probable than the others, and its answers are always wrong.
    const probabilityOf = (at: number): number => (at % 10 === 0 ? 0.95 : 0.999);
    for (let at = 0; at < 300; at++) await keepAudit(test.redis, tenantId, probabilityOf(at), at % 10 === 0);
    const guard = guardOf();
    await loaded(guard, tenantId);
    let wrong = 0;
    for (let at = 0; at < 1_000; at++) {
      const isGiven = guard.admit(tenantId, probabilityOf(at));
      if (isGiven && at % 10 === 0) wrong++;
    }
    expect(wrong).toBe(0);
    expect(guard.admit(tenantId, 0.999)).toBe(true);
  });

  it('goes by the limit that was set for a tenant, and by the deployment’s again when it is taken away', async () => {
    const [guard, tenantId] = [guardOf(), test.tenant()];
    await loaded(guard, tenantId);
    expect(guard.limitOf(tenantId)).toBe(0.02);
    await keepLimit(test.redis, tenantId, 0.2);
    guard.limit(tenantId, 0.2);
    expect((await loaded(guard, tenantId)).limit).toBe(0.2);
    await keepLimit(test.redis, tenantId, null);
    guard.limit(tenantId, null);
    expect((await loaded(guard, tenantId)).limit).toBe(0.02);
  });

  it('keeps audits bounded', async () => {
    const tenantId = test.tenant();
    const pipeline = test.redis.pipeline();
    for (let at = 0; at < 2_100; at++) pipeline.lpush(`costlane:semantic-audits:${tenantId}`, '[1,0]');
    await pipeline.exec();
    await keepAudit(test.redis, tenantId, 0.9, true);
    expect(await test.redis.llen(`costlane:semantic-audits:${tenantId}`)).toBe(2_000);
  });
});
