import { exactKey } from '@costlane/contracts';
import { describeWithRedis, testRedis, type TestRedis } from '../testing/test-redis';
import { createEntrySource } from './entry-source';

describeWithRedis('stored questions in the exact tier', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());

  it('are read with what their answers are known by', async () => {
    const tenantId = test.tenant();
    const fingerprint = await test.fill(tenantId, 'Why is the sky blue?', {
      tag: 't',
      model: 'gpt-4o',
      contextHash: 'ctx',
    });
    const [entry] = await createEntrySource(test.redis).read(tenantId, [fingerprint]);
    expect(entry).toMatchObject({
      tenantId,
      fingerprint,
      text: 'Why is the sky blue?',
      contextHash: 'ctx',
      model: 'gpt-4o',
      tag: 't',
    });
    expect(entry?.expiresAtMs).toBeGreaterThan(Date.now() + 590_000);
    expect(entry?.sizeBytes).toBeGreaterThan(100);
  });

  it('are read however long they are', async () => {
    const tenantId = test.tenant();
    const text = 'ä'.repeat(4_000);
    const fingerprint = await test.fill(tenantId, text);
    expect((await createEntrySource(test.redis).read(tenantId, [fingerprint]))[0]?.text).toBe(text);
  });

  it('are not there once the answer is gone, damaged, or another tenant’s', async () => {
    const tenantId = test.tenant();
    const [gone, damaged, kept] = await Promise.all(['a', 'b', 'c'].map((text) => test.fill(tenantId, text)));
    await test.redis.del(exactKey(tenantId, gone!));
    await test.redis.set(exactKey(tenantId, damaged!), '{"header":{"v":9}}\nbody', 'EX', 60);
    const source = createEntrySource(test.redis);
    const read = await source.read(tenantId, [gone!, damaged!, kept!]);
    expect(read.map((entry) => entry?.text)).toEqual([undefined, undefined, 'c']);
    expect(await source.read(test.tenant(), [kept!])).toEqual([undefined]);
    expect(await source.read(tenantId, [])).toEqual([]);
  });

  it('come in portions, all of one tenant and no other', async () => {
    const [tenantId, other] = [test.tenant(), test.tenant()];
    const texts = Array.from({ length: 1_203 }, (_, at) => `question ${at}`);
    await Promise.all([...texts.map((text) => test.fill(tenantId, text)), test.fill(other, 'not mine')]);
    const found: string[] = [];
    for await (const portion of createEntrySource(test.redis).scan(tenantId, () => true)) {
      expect(portion.length).toBeLessThanOrEqual(500);
      found.push(...portion.map(({ text }) => text));
    }
    expect([...new Set(found)].sort()).toEqual(texts.sort());
  });

  it('stop coming when they are no longer wanted', async () => {
    const tenantId = test.tenant();
    await test.fill(tenantId, 'a');
    const portions: unknown[] = [];
    for await (const portion of createEntrySource(test.redis).scan(tenantId, () => false)) portions.push(portion);
    expect(portions).toEqual([]);
  });
});
