import { exactKey, inFlightKey } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { claimValue, createCallClaims, type CallClaims } from './claim-calls';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('claims on questions', () => {
  let shard: SpecShard;
  let redis: Redis;
  let claims: CallClaims;
  let scriptCalls: number;
  let exact: string;
  let key: string;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    scriptCalls = 0;
    [exact, key] = [exactKey(shard.shard, 'f00'), inFlightKey(shard.shard, 's', 'f00')];
    claims = claimsOf('g1');
  });
  afterEach(() => shard.remove());

  const claimsOf = (gatewayId: string, lifetimeMs = 5_000): CallClaims =>
    createCallClaims({
      redis,
      gatewayId,
      lifetimeMs,
      guard: (call) => {
        scriptCalls++;
        return call();
      },
    });

  it('belong to who comes first; others learn who that is', async () => {
    const [first, second] = [claims.claim(exact, key, 'r1'), claimsOf('g2').claim(exact, key, 'r2')];
    expect(await Promise.all([first, second])).toEqual([{ kind: 'ours' }, { kind: 'held', by: 'g1 r1' }]);
    expect(await redis.get(key)).toBe(claimValue('g1', 'r1'));
  });

  it('of one tick travel together, whatever they are, and never more than 256', async () => {
    await claims.claim(exact, key, 'r0');
    scriptCalls = 0;
    claims.release(key, 'r0');
    const asked = Array.from({ length: 300 }, (_, n) => {
      const question = `f${n % 200}`;
      const keys = [exactKey(shard.shard, question), inFlightKey(shard.shard, 'w', question)] as const;
      return claims.claim(...keys, `r${n}`, n === 250 ? 'g1 r50' : undefined);
    });
    const answers = await Promise.all(asked);
    expect(scriptCalls).toBe(2);
    expect(answers.slice(0, 200).every(({ kind }) => kind === 'ours')).toBe(true);
    expect(answers.slice(200).map((answer) => ('by' in answer ? answer.by : answer.kind))).toEqual(
      Array.from({ length: 100 }, (_, n) => (n === 50 ? 'ours' : `g1 r${n}`)),
    );
    expect(await redis.exists(key)).toBe(0);
  });

  it('are not made where the exact tier has the answer', async () => {
    await redis.set(exact, 'an answer', 'PX', 5_000);
    expect(await claims.claim(exact, key, 'r1')).toEqual({ kind: 'answered' });
    expect(await redis.exists(key)).toBe(0);
    await redis.del(exact);
  });

  it('are taken over from the one that is named, and from nobody else', async () => {
    await claims.claim(exact, key, 'r1');
    expect(await claimsOf('g2').claim(exact, key, 'r2', 'g9 r9')).toEqual({ kind: 'held', by: 'g1 r1' });
    expect(await claimsOf('g2').claim(exact, key, 'r2', 'g1 r1')).toEqual({ kind: 'ours' });
    expect(await claimsOf('g3').claim(exact, key, 'r3', 'g1 r1')).toEqual({ kind: 'held', by: 'g2 r2' });
  });

  it('are made where the one to take over from has gone meanwhile', async () => {
    expect(await claims.claim(exact, key, 'r1', 'g9 r9')).toEqual({ kind: 'ours' });
  });

  it('run out, and are renewed by their holder', async () => {
    await claimsOf('g1', 100).claim(exact, key, 'r1');
    await claimsOf('g1', 60_000).claim(exact, key, 'r1', 'g1 r1');
    expect(await redis.pttl(key)).toBeGreaterThan(1_000);
    await claimsOf('g1', 20).claim(exact, key, 'r1', 'g1 r1');
    await waitFor(async () => (await redis.exists(key)) === 0);
    expect(await claimsOf('g2').claim(exact, key, 'r2')).toEqual({ kind: 'ours' });
  });

  it('are given back by their holder only', async () => {
    await claims.claim(exact, key, 'r1');
    claimsOf('g2').release(key, 'r1');
    claims.release(key, 'r2');
    expect(await claimsOf('g3').claim(exact, key, 'r3')).toEqual({ kind: 'held', by: 'g1 r1' });
    claims.release(key, 'r1');
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
    await expect(claims.claim(exact, key, 'r1')).rejects.toThrow();
    expect(() => claims.release(key, 'r1')).not.toThrow();
    await new Promise(setImmediate);
  });
});
