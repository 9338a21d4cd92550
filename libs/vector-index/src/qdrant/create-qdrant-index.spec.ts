import { describeVectorIndexContract } from '../testing/describe-vector-index-contract';
import { startFakeQdrant, type FakeBehaviour, type FakeQdrant } from '../testing/fake-qdrant';
import { createVectorSource } from '../testing/sample-vectors';
import type { VectorRecord } from '../vector-index';
import { createQdrantIndex, type QdrantIndex, type QdrantIndexOptions } from './create-qdrant-index';

describeVectorIndexContract('Qdrant, over a fake of its REST interface', async ({ identity, nowMs }) => {
  const fake = await startFakeQdrant();
  const index = createQdrantIndex({ url: fake.url, collectionPrefix: 'costlane', identity, nowMs });
  return {
    ...index,
    async close() {
      await index.close();
      await fake.stop();
    },
  };
});

describe('the Qdrant adapter', () => {
  const DIMENSION = 16;
  const identity = { modelId: 'org/model v1', dimension: DIMENSION };
  const source = createVectorSource(DIMENSION, 41);
  let fake: FakeQdrant;
  let open: QdrantIndex[];

  beforeEach(async () => {
    fake = await startFakeQdrant();
    open = [];
  });
  afterEach(async () => {
    for (const index of open) await index.close();
    await fake.stop();
  });

  const create = (options: Partial<QdrantIndexOptions> = {}): QdrantIndex => {
    const index = createQdrantIndex({ url: fake.url, collectionPrefix: 'costlane', identity, ...options });
    open.push(index);
    return index;
  };
  const record = (id: string, more: Partial<VectorRecord> = {}): VectorRecord => ({
    ...{ id, tenantId: 'a', contextHash: 'c', modelClass: 'm', expiresAtMs: Date.now() + 60_000 },
    vector: source.direction(),
    ...more,
  });
  const queryOf = ({ tenantId, contextHash, modelClass, vector }: VectorRecord) => ({
    ...{ tenantId, contextHash, modelClass, vector, limit: 3, minSimilarity: 0.9 },
  });

  it('makes its collection when it is first needed, once for many calls, with indexes for all that it filters by', async () => {
    const index = create();
    expect(fake.requests).toEqual([]);
    await Promise.all([index.count(), index.upsert([record('x')]), index.count('a')]);
    const made = fake.requests.filter((request) => !request.includes('/points'));
    const path = `/collections/${index.collection}`;
    expect(made).toEqual([`GET ${path}`, `PUT ${path}`, ...Array<string>(4).fill(`PUT ${path}/index`)]);
    expect(fake.collections.get(index.collection)).toMatchObject({
      config: { vectors: { size: DIMENSION, distance: 'Cosine' }, hnsw_config: { m: 0, payload_m: 16 } },
      schema: {
        tenant_id: { type: 'keyword', is_tenant: true },
        context_hash: { type: 'keyword' },
        model_class: { type: 'keyword' },
        expires_at_ms: { type: 'integer' },
      },
    });
  });

  it('uses a collection that is there, and adds indexes that it lacks', async () => {
    const first = create();
    await first.upsert([record('x')]);
    delete fake.collections.get(first.collection)?.schema['model_class'];
    fake.requests.length = 0;
    expect(await create().count()).toBe(1);
    expect(fake.requests.map((request) => request.split('/').at(-1))).toEqual([first.collection, 'index', 'count']);
  });

  it('has another collection for another model or dimension', async () => {
    const names = [
      create().collection,
      create({ identity: { ...identity, modelId: 'org/model v2' } }).collection,
      create({ identity: { ...identity, modelId: 'org-model v1' } }).collection,
      create({ identity: { ...identity, dimension: 17 } }).collection,
      create({ collectionPrefix: 'other' }).collection,
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(costlane|other)_org-model-v[12]_1[67]_[0-9a-f]{12}$/);
  });

  it('asks for int8 vectors where it is told to', async () => {
    const index = create({ isQuantized: true });
    await index.count();
    expect(fake.collections.get(index.collection)?.config).toMatchObject({
      quantization_config: { scalar: { type: 'int8', always_ram: true } },
      vectors: { on_disk: true },
    });
  });

  it('makes the collection again when it is gone, and goes on', async () => {
    const index = create();
    await index.upsert([record('x')]);
    fake.collections.clear();
    const again = record('y');
    expect(await index.search([queryOf(again)])).toEqual([[]]);
    await index.upsert([again]);
    expect(await index.search([queryOf(again)])).toMatchObject([[{ id: 'y' }]]);
  });

  it('bears another replica that makes the collection at the same moment', async () => {
    const replicas = [create(), create(), create()];
    await Promise.all(replicas.map((index, i) => index.upsert([record(`r${i}`)])));
    expect(await replicas[0]?.count()).toBe(3);
  });

  it('sends the key as a header, and a path before Qdrant’s own', async () => {
    const index = create({ apiKey: 'secret', url: `${fake.url}/behind/a/proxy/` });
    await expect(index.count()).rejects.toMatchObject({ code: 'unavailable' });
    expect(fake.requests[0]).toBe(`GET /behind/a/proxy/collections/${index.collection}`);
    expect(fake.headers[0]?.['api-key']).toBe('secret');
  });

  it('deletes expired points from time to time', async () => {
    let nowMs = 1_000;
    const index = create({ nowMs: () => nowMs });
    await index.upsert([record('short', { expiresAtMs: 2_000 }), record('long', { expiresAtMs: 3_000 })]);
    nowMs = 2_000;
    await index.purgeExpired();
    const points = [...(fake.collections.get(index.collection)?.points.values() ?? [])];
    expect(points.map(({ payload }) => payload['record_id'])).toEqual(['long']);
  });

  it.each<[string, FakeBehaviour, string, RegExp]>([
    ['answers with 500', { kind: 'status', status: 500 }, 'unavailable', /status 500/],
    ['wants to be left alone', { kind: 'status', status: 429, headers: { 'retry-after': '7' } }, 'unavailable', /./],
    ['refuses the key', { kind: 'status', status: 403 }, 'unavailable', /refuses the API key/],
    ['hangs up', { kind: 'hang-up' }, 'unavailable', /cannot be reached/],
    ['does not answer', { kind: 'hang' }, 'deadline_exceeded', /in time/],
    ['answers with text', { kind: 'text', text: 'hello' }, 'unavailable', /./],
    ['answers with broken JSON', { kind: 'text', text: '{"result":' }, 'unavailable', /./],
    ['answers with nothing', { kind: 'text', text: '{}' }, 'unavailable', /./],
    ['answers with an answer too few', { kind: 'text', text: '{"result":[]}' }, 'unavailable', /cannot be read/],
    ['answers with no points', { kind: 'text', text: '{"result":[{}]}' }, 'unavailable', /cannot be read/],
    ['answers with a null', { kind: 'text', text: '{"result":[null]}' }, 'unavailable', /cannot be read/],
    [
      'answers with a match without a name',
      { kind: 'text', text: '{"result":[{"points":[{"id":"1","score":1}]}]}' },
      'unavailable',
      /cannot be read/,
    ],
  ])('says what is wrong when the server %s, and is well again afterwards', async (_, behaviour, code, message) => {
    const index = create({ searchTimeoutMs: 300 });
    const stored = record('x');
    await index.upsert([stored]);
    fake.behave(behaviour, 'query/batch');
    const failed = await index.search([queryOf(stored)]).catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'CostlaneError', code });
    expect((failed as Error).message).toMatch(message);
    fake.behave({ kind: 'answer' });
    expect(await index.search([queryOf(stored)])).toMatchObject([[{ id: 'x' }]]);
  });

  it('fails for every call while the server is gone, and works when it is back', async () => {
    const index = create();
    const stored = record('x');
    await index.upsert([stored]);
    await fake.stop();
    const calls = [
      () => index.search([queryOf(stored)]),
      () => index.upsert([stored]),
      () => index.remove('a', ['x']),
      () => index.removeTenant('a'),
      () => index.count(),
      () => index.purgeExpired(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
    await fake.start();
    expect(await index.search([queryOf(stored)])).toMatchObject([[{ id: 'x' }]]);
  });

  it('comes up after a server that was not there at first', async () => {
    await fake.stop();
    const index = create();
    await expect(index.count()).rejects.toMatchObject({ code: 'unavailable' });
    await fake.start();
    expect(await index.count()).toBe(0);
  });

  it('sends no more than the server takes at once', async () => {
    const index = create();
    const records = Array.from({ length: 600 }, (_, i) => record(`r${i}`));
    await index.upsert(records);
    expect(fake.requests.filter((request) => /^PUT .*\/points$/.test(request))).toHaveLength(3);
    const found = await index.search(records.slice(0, 250).map(queryOf));
    expect(found.map((matches) => matches[0]?.id)).toEqual(records.slice(0, 250).map(({ id }) => id));
    expect(fake.requests.filter((request) => request.endsWith('/query/batch'))).toHaveLength(3);
  });

  it.each(['nonsense', 'ftp://host', ''])('refuses the address %j', (url) => {
    expect(() => create({ url })).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'url' }));
  });
});
