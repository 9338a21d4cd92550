import { exactKey, inFlightKey } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createCallClaims, type CallClaim, type CallClaims } from './claim-calls';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('claims on questions', () => {
  let shard: SpecShard;
  let redis: Redis;
  let claims: CallClaims;
  let scriptCalls: number;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    scriptCalls = 0;
    claims = createCallClaims({
      redis,
      guard: (call) => {
        scriptCalls++;
        return call();
      },
    });
  });
  afterEach(() => shard.remove());

  const claimOf = (value: string, rest: Partial<CallClaim> & { question?: string } = {}): CallClaim => {
    const { question = 'f00', ...more } = rest;
    const [tenantId, form] = [shard.shard, 's'];
    const keys = { exactKey: exactKey(tenantId, question), key: inFlightKey(tenantId, form, question) };
    return { ...keys, value, lifetimeMs: 5_000, ...more };
  };

  it('belong to who comes first; others learn who that is', async () => {
    const answers = await Promise.all([claims.claim(claimOf('g1 r1')), claims.claim(claimOf('g2 r2'))]);
    expect(answers).toEqual([{ kind: 'ours' }, { kind: 'held', by: 'g1 r1' }]);
  });

  it('of one tick travel together, whatever they are, and never more than 256', async () => {
    const questions = Array.from({ length: 300 }, (_, index) => `f${index}`);
    claims.release(claimOf('').key, 'g1 r0');
    const answers = await Promise.all(questions.map((question) => claims.claim(claimOf('g1 r1', { question }))));
    expect(answers.every(({ kind }) => kind === 'ours')).toBe(true);
    expect(scriptCalls).toBe(2);
  });

  it('are not made where the exact tier has the answer', async () => {
    const claim = claimOf('g1 r1');
    await redis.set(claim.exactKey, 'an answer', 'PX', 5_000);
    expect(await claims.claim(claim)).toEqual({ kind: 'answered' });
    expect(await redis.exists(claim.key)).toBe(0);
    await redis.del(claim.exactKey);
  });

  it('are taken over from the one that is named, and from nobody else', async () => {
    await claims.claim(claimOf('g1 r1'));
    expect(await claims.claim(claimOf('g2 r2', { replaces: 'g9 r9' }))).toEqual({ kind: 'held', by: 'g1 r1' });
    expect(await claims.claim(claimOf('g2 r2', { replaces: 'g1 r1' }))).toEqual({ kind: 'ours' });
    expect(await claims.claim(claimOf('g3 r3', { replaces: 'g1 r1' }))).toEqual({ kind: 'held', by: 'g2 r2' });
  });

  it('run out, and are renewed by their holder', async () => {
    await claims.claim(claimOf('g1 r1', { lifetimeMs: 100 }));
    await claims.claim(claimOf('g1 r1', { lifetimeMs: 60_000, replaces: 'g1 r1' }));
    expect(await redis.pttl(claimOf('').key)).toBeGreaterThan(1_000);
    await claims.claim(claimOf('g1 r1', { lifetimeMs: 20, replaces: 'g1 r1' }));
    await waitFor(async () => (await redis.exists(claimOf('').key)) === 0);
    expect(await claims.claim(claimOf('g2 r2'))).toEqual({ kind: 'ours' });
  });

  it('are given back by their holder only', async () => {
    const { key } = claimOf('');
    await claims.claim(claimOf('g1 r1'));
    claims.release(key, 'g2 r2');
    expect(await claims.claim(claimOf('g3 r3'))).toEqual({ kind: 'held', by: 'g1 r1' });
    claims.release(key, 'g1 r1');
    await waitFor(async () => (await redis.exists(key)) === 0);
  });

  it('of different tenants, forms and questions are different claims', async () => {
    const keys = [
      inFlightKey('a', 's', 'f'),
      inFlightKey('a', 'w', 'f'),
      inFlightKey('a', 's', 'g'),
      inFlightKey('b', 's', 'f'),
      inFlightKey('a:s', 's', 'f'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('reject when Redis is away; giving one back then is lost without harm', async () => {
    redis.disconnect();
    await waitFor(() => redis.status === 'end');
    await expect(claims.claim(claimOf('g1 r1'))).rejects.toThrow();
    expect(() => claims.release(claimOf('').key, 'g1 r1')).not.toThrow();
    await new Promise(setImmediate);
  });
});
