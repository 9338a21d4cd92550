import { createHash, randomUUID } from 'node:crypto';
import type { NewKey } from './keys';
import { describeWithPostgres, startTestLedger, type TestLedger } from './testing/test-ledger';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const newKey = (changes: Partial<NewKey> = {}): NewKey => ({
  prefix: 'cl_4f2a',
  keyHash: hashOf('key'),
  tenantId: 'acme',
  teamId: 'search',
  userId: 'user-7',
  name: 'CI',
  role: 'member',
  rateLimitPerMinute: 60,
  ...changes,
});

describeWithPostgres('key store', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.rows('TRUNCATE api_keys'));
  afterAll(() => test.end());

  it('finds a key by its hash', async () => {
    const key = await test.ledger.keys.create(newKey());
    expect(key).toEqual({ ...newKey(), id: expect.any(String), createdAt: expect.any(Date), revokedAt: undefined });
    expect(await test.ledger.keys.findByHash(newKey().keyHash)).toEqual(key);
    expect(await test.ledger.keys.findByHash(hashOf('another'))).toBeUndefined();
  });

  it('gives the key that is there when one is created again, also at once', async () => {
    const keys = await Promise.all([1, 2, 3, 4].map(() => test.ledger.keys.create(newKey())));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await test.ledger.keys.list({})).toHaveLength(1);
  });

  it('does not find a revoked key, and says who revoked it first', async () => {
    const { id } = await test.ledger.keys.create(newKey());
    const outcomes = await Promise.all([1, 2, 3].map(() => test.ledger.keys.revoke(id)));
    expect(outcomes.filter((outcome) => outcome?.wasActive)).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => outcome?.key.revokedAt?.getTime())).size).toBe(1);
    expect(outcomes[0]?.key.keyHash).toBe(newKey().keyHash);
    expect(await test.ledger.keys.findByHash(newKey().keyHash)).toBeUndefined();
    expect(await test.ledger.keys.list({})).toHaveLength(1);
  });

  it('says nothing of a key that never was', async () => {
    expect(await test.ledger.keys.revoke(randomUUID())).toBeUndefined();
  });

  it('lists the keys of a tenant only', async () => {
    await test.ledger.keys.create(newKey());
    await test.ledger.keys.create(newKey({ tenantId: 'globex', keyHash: hashOf('other') }));
    expect((await test.ledger.keys.list({ tenantId: 'globex' })).map(({ tenantId }) => tenantId)).toEqual(['globex']);
    expect(await test.ledger.keys.list({})).toHaveLength(2);
  });
});
