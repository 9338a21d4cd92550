import type { VectorIndex, VectorQuery, VectorRecord } from '../vector-index';
import { describeAgainstBruteForce } from './describe-against-brute-force';
import { createVectorSource } from './sample-vectors';

export interface IndexForContract {
  identity: VectorIndex['identity'];
  nowMs: () => number;
}

const DIMENSION = 48;
const identity = { modelId: 'contract-v1', dimension: DIMENSION };
/** Adapters may keep numbers of fewer bits. */
const TOLERANCE = 2e-3;

interface Subject {
  index: () => VectorIndex;
  now: () => number;
  pass: (ms: number) => void;
  record: (record: Partial<VectorRecord> & Pick<VectorRecord, 'id' | 'vector'>) => VectorRecord;
  query: (query: Partial<VectorQuery> & Pick<VectorQuery, 'vector'>) => VectorQuery;
}

/** What every vector index has to do. `create` gives an empty index that takes its clock from `nowMs`. For specs only. */
export function describeVectorIndexContract(
  name: string,
  create: (options: IndexForContract) => Promise<VectorIndex>,
): void {
  describe(`${name}: vector index contract`, () => {
    let index: VectorIndex;
    let nowMs: number;

    beforeEach(async () => {
      nowMs = Date.parse('2026-01-01T00:00:00Z');
      index = await create({ identity, nowMs: () => nowMs });
    });
    afterEach(() => index.close());

    const subject: Subject = {
      index: () => index,
      now: () => nowMs,
      pass: (ms) => (nowMs += ms),
      record: (record) => ({
        tenantId: 'a',
        contextHash: 'c1',
        modelClass: 'm1',
        expiresAtMs: nowMs + 60_000,
        ...record,
      }),
      query: (query) => ({
        tenantId: 'a',
        contextHash: 'c1',
        modelClass: 'm1',
        limit: 5,
        minSimilarity: 0,
        ...query,
      }),
    };
    describeSearch(subject);
    describeSeparation(subject);
    describeLifetime(subject);
    describeRefusals(subject);
    describeAgainstBruteForce(subject, { dimension: DIMENSION, tolerance: TOLERANCE });
  });
}

const idsOf = async (index: VectorIndex, query: VectorQuery): Promise<string[]> =>
  (await index.search([query])).flat().map(({ id }) => id);

function describeSearch({ index, record, query }: Subject): void {
  const source = createVectorSource(DIMENSION, 1);
  const vector = source.direction();
  const atCosine = (cosine: number) => record({ id: `at-${cosine}`, vector: source.near(vector, cosine) });

  it('gives the nearest first, with their cosines', async () => {
    await index().upsert([0.7, 0.95, 0.8, 0.99].map(atCosine));
    const [matches] = await index().search([query({ vector })]);
    expect(matches?.map(({ id }) => id)).toEqual(['at-0.99', 'at-0.95', 'at-0.8', 'at-0.7']);
    for (const { id, similarity } of matches ?? [])
      expect(Math.abs(similarity - Number(id.slice(3)))).toBeLessThan(TOLERANCE);
  });

  it('gives nothing less similar than asked for, and no more than the limit', async () => {
    await index().upsert([0.7, 0.95, 0.8, 0.99].map(atCosine));
    expect(await idsOf(index(), query({ vector, minSimilarity: 0.9 }))).toEqual(['at-0.99', 'at-0.95']);
    expect(await idsOf(index(), query({ vector, limit: 3 }))).toEqual(['at-0.99', 'at-0.95', 'at-0.8']);
    expect(await idsOf(index(), query({ vector, minSimilarity: 0.995 }))).toEqual([]);
  });

  it('gives a vector itself at a cosine of 1', async () => {
    await index().upsert([record({ id: 'same', vector })]);
    const [matches] = await index().search([query({ vector, minSimilarity: 0.99 })]);
    expect(matches?.[0]?.similarity).toBeGreaterThan(1 - TOLERANCE);
    expect(matches?.[0]?.similarity).toBeLessThanOrEqual(1);
  });

  it('finds nothing in an empty index, nothing for no query', async () => {
    expect(await index().search([query({ vector })])).toEqual([[]]);
    expect(await index().search([])).toEqual([]);
    await index().upsert([]);
    expect(await index().count()).toBe(0);
  });

  it('answers many queries at once, each in its place', async () => {
    const vectors = Array.from({ length: 200 }, () => source.direction());
    await index().upsert(vectors.map((each, i) => record({ id: `v${i}`, vector: each, tenantId: `t${i % 3}` })));
    const queries = vectors.map((each, i) =>
      query({ vector: each, tenantId: `t${i % 3}`, limit: 1, minSimilarity: 0.9 }),
    );
    const found = await index().search(queries);
    expect(found.map((matches) => matches.map(({ id }) => id))).toEqual(vectors.map((_, i) => [`v${i}`]));
  });

  it('finds a record as soon as its upsert has resolved, while other upserts and searches run', async () => {
    const vectors = Array.from({ length: 60 }, () => source.direction());
    const found = await Promise.all(
      vectors.map(async (each, i) => {
        await index().upsert([record({ id: `v${i}`, vector: each })]);
        return idsOf(index(), query({ vector: each, limit: 1, minSimilarity: 0.9 }));
      }),
    );
    expect(found).toEqual(vectors.map((_, i) => [`v${i}`]));
    expect(await index().count('a')).toBe(vectors.length);
  });
}

function describeSeparation({ index, record, query }: Subject): void {
  const source = createVectorSource(DIMENSION, 2);
  const vector = source.direction();

  it('never crosses tenants, contexts or model classes', async () => {
    const groups = ['a', 'b'].flatMap((tenantId) =>
      ['c1', 'c2'].flatMap((contextHash) => ['m1', 'm2'].map((modelClass) => ({ tenantId, contextHash, modelClass }))),
    );
    const named = groups.map((group) => ({ ...group, id: Object.values(group).join('/') }));
    await index().upsert(named.map((group) => record({ ...group, vector: source.near(vector, 0.99) })));
    const found = await index().search(named.map((group) => query({ ...group, vector, limit: 10 })));
    expect(found.map((matches) => matches.map(({ id }) => id))).toEqual(named.map(({ id }) => [id]));
  });

  it('takes names for what they are, whatever characters they have', async () => {
    const names = ['a', 'a:b', 'a"b', 'ä', 'a b', 'a/b', 'a\u0000b', '', '*'];
    await index().upsert(names.map((name) => record({ id: name, tenantId: name, contextHash: name, vector })));
    const found = await index().search(names.map((name) => query({ tenantId: name, contextHash: name, vector })));
    expect(found.map((matches) => matches.map(({ id }) => id))).toEqual(names.map((name) => [name]));
  });

  it('keeps two records of the same id for two tenants', async () => {
    await index().upsert([record({ id: 'x', vector }), record({ id: 'x', vector, tenantId: 'b' })]);
    expect(await index().count()).toBe(2);
    await index().remove('b', ['x']);
    expect(await idsOf(index(), query({ vector }))).toEqual(['x']);
    expect(await idsOf(index(), query({ vector, tenantId: 'b' }))).toEqual([]);
  });
}

function describeLifetime({ index, record, query, now, pass }: Subject): void {
  const source = createVectorSource(DIMENSION, 3);
  const vector = source.direction();

  it('replaces a record of the same id, its vector, its group and its time', async () => {
    const other = source.direction();
    await index().upsert([record({ id: 'x', vector }), record({ id: 'y', vector })]);
    await index().upsert([record({ id: 'x', vector: other, contextHash: 'c2', expiresAtMs: now() + 1_000 })]);
    expect(await idsOf(index(), query({ vector }))).toEqual(['y']);
    expect(await idsOf(index(), query({ vector: other, contextHash: 'c2', minSimilarity: 0.9 }))).toEqual(['x']);
    expect(await index().count('a')).toBe(2);
    pass(1_000);
    expect(await idsOf(index(), query({ vector: other, contextHash: 'c2' }))).toEqual([]);
  });

  it('takes the last of several records of one id in one call', async () => {
    const other = source.near(vector, 0.2);
    await index().upsert([record({ id: 'x', vector: other }), record({ id: 'x', vector })]);
    expect(await idsOf(index(), query({ vector, minSimilarity: 0.9 }))).toEqual(['x']);
    expect(await index().count()).toBe(1);
  });

  it('never gives a record whose time has passed, and gives the next nearest instead', async () => {
    await index().upsert([
      record({ id: 'short', vector, expiresAtMs: now() + 1_000 }),
      record({ id: 'long', vector: source.near(vector, 0.9), expiresAtMs: now() + 2_000 }),
    ]);
    expect(await idsOf(index(), query({ vector, limit: 1 }))).toEqual(['short']);
    pass(999);
    expect(await idsOf(index(), query({ vector, limit: 1 }))).toEqual(['short']);
    pass(1);
    expect(await idsOf(index(), query({ vector, limit: 1 }))).toEqual(['long']);
    expect(await index().count()).toBe(1);
    pass(1_000);
    expect(await idsOf(index(), query({ vector }))).toEqual([]);
    expect(await index().count('a')).toBe(0);
  });

  it('never gives a record that was past its time when it came', async () => {
    await index().upsert([record({ id: 'late', vector, expiresAtMs: now() })]);
    expect(await idsOf(index(), query({ vector }))).toEqual([]);
    expect(await index().count()).toBe(0);
  });

  it('removes what is named, and bears names that are not there', async () => {
    await index().upsert(['x', 'y', 'z'].map((id) => record({ id, vector })));
    expect(await index().remove('a', ['x', 'z'])).toBe(2);
    expect(await idsOf(index(), query({ vector }))).toEqual(['y']);
    expect([0, 2]).toContain(await index().remove('a', ['x', 'unknown']));
    expect(await index().remove('a', [])).toBe(0);
    await index().remove('nobody', ['y']);
    expect(await index().count('a')).toBe(1);
  });

  it('removes a tenant with all its records, and takes new ones of it', async () => {
    await index().upsert(
      ['a', 'b'].flatMap((tenantId) =>
        ['c1', 'c2'].map((contextHash) => record({ id: contextHash, tenantId, contextHash, vector })),
      ),
    );
    await index().removeTenant('a');
    await index().removeTenant('nobody');
    expect([await index().count('a'), await index().count('b'), await index().count()]).toEqual([0, 2, 2]);
    expect(await idsOf(index(), query({ vector }))).toEqual([]);
    await index().upsert([record({ id: 'again', vector })]);
    expect(await idsOf(index(), query({ vector }))).toEqual(['again']);
  });
}

function describeRefusals({ index, record, query }: Subject): void {
  const source = createVectorSource(DIMENSION, 4);
  const refused = { name: 'CostlaneError', code: 'invalid_request' };

  it.each([
    ['of another dimension', new Float32Array([1, 0, 0])],
    ['with a number that is none', new Float32Array(DIMENSION).fill(NaN)],
    ['that is all zeros', new Float32Array(DIMENSION)],
    ['that is not of unit length', new Float32Array(DIMENSION).fill(1)],
  ])('refuses a record with a vector %s, and the whole call with it', async (_, vector) => {
    const call = index().upsert([record({ id: 'good', vector: source.direction() }), record({ id: 'bad', vector })]);
    await expect(call).rejects.toMatchObject({ ...refused, field: 'records[1].vector' });
    expect(await index().count()).toBe(0);
  });

  it('refuses a query of another dimension or with an odd limit; one that is all zeros finds nothing', async () => {
    await index().upsert([record({ id: 'x', vector: source.direction() })]);
    const short = query({ vector: new Float32Array(3) });
    await expect(index().search([short])).rejects.toMatchObject({ ...refused, field: 'queries[0].vector' });
    for (const limit of [-1, 1.5, 100_000])
      await expect(index().search([query({ vector: source.direction(), limit })])).rejects.toMatchObject(refused);
    const zeros = query({ vector: new Float32Array(DIMENSION), minSimilarity: -1 });
    expect(await index().search([zeros])).toEqual([[]]);
    expect(await index().search([query({ vector: source.direction(), limit: 0 })])).toEqual([[]]);
  });
}
