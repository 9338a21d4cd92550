import { ok, type Result } from '@costlane/domain';
import type { Caller } from '../core/inference-request';
import { testAuthenticator } from '../testing/test-gateway';
import { createAdmission, refused, type RateLimiter } from './admission';

const admit = async (
  limiter: RateLimiter,
  options: { limit?: number; isShuttingDown?: boolean } = {},
): Promise<Caller> =>
  createAdmission(
    testAuthenticator({ defaultRateLimitPerMinute: options.limit ?? 5 }),
    limiter,
    () => options.isShuttingDown === true,
  ).admit({});

describe('admission', () => {
  it('asks the limiter for the caller’s own limit', async () => {
    const asked: unknown[] = [];
    const check = (id: string, limit: number): Result<void, never> => {
      asked.push([id, limit]);
      return ok(undefined);
    };
    expect(await admit({ check })).toMatchObject({ tenantId: 'default' });
    expect(asked).toEqual([['tenant:default', 5]]);
  });

  it.each([
    ['at once', { check: () => refused(1_500) }],
    ['after asking', { check: () => Promise.resolve(refused(1_500)) }],
  ])('refuses %s with the time to wait', async (_name, limiter) => {
    await expect(admit(limiter)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 1_500 });
  });

  it('does not ask where there is no limit', async () => {
    const check = (): never => {
      throw new Error('asked');
    };
    await expect(admit({ check }, { limit: 0 })).resolves.toBeDefined();
  });

  it('turns everybody away while the gateway stops, with the time to wait', async () => {
    await expect(admit({ check: () => ok(undefined) }, { isShuttingDown: true })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 1_000,
    });
  });
});
