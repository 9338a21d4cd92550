import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { ControlStore, StoredControl } from './control-store';

describeWithPostgres('control store', () => {
  let test: TestLedger;
  let store: ControlStore;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.control;
  });
  beforeEach(() => test.rows('TRUNCATE control_documents'));
  afterAll(() => test.end());

  const put = async (id: string, body: object, more: object = {}): Promise<StoredControl> => {
    const outcome = await store.put({ kind: 'tenant-policy', id, body, ...more });
    if (outcome.kind !== 'stored') throw new Error(outcome.kind);
    return outcome.document;
  };

  it('gives what was put, under a version that rises with every change of any kind', async () => {
    const first = await put('acme', { dataPolicy: 'block' });
    expect(first).toEqual({
      kind: 'tenant-policy',
      id: 'acme',
      body: { dataPolicy: 'block' },
      version: 1,
      isDeleted: false,
      updatedAt: expect.any(Date),
    });
    await store.put({ kind: 'experiment', id: 'acme', body: { a: 1 } });
    expect((await put('acme', { dataPolicy: 'allow' })).version).toBe(3);
    expect(await store.get('tenant-policy', 'acme')).toMatchObject({ body: { dataPolicy: 'allow' }, version: 3 });
    expect(await store.get('tenant-policy', 'globex')).toBeUndefined();
    expect((await store.list('tenant-policy')).map(({ id }) => id)).toEqual(['acme']);
    expect(await store.latestVersion()).toBe(3);
  });

  it('merges fields into what is there, and takes those away that are null', async () => {
    await put('acme', { dataPolicy: 'block', models: ['a', 'b'], costWeight: 0.5 }, { mode: 'merge' });
    const merged = await put('acme', { models: ['c'], costWeight: null, strategy: 'balanced' }, { mode: 'merge' });
    expect(merged.body).toEqual({ dataPolicy: 'block', models: ['c'], strategy: 'balanced' });
  });

  it('loses no field to writers that merge at the same time', async () => {
    const stores = [store, test.another().control, test.another().control];
    await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        stores[at % 3]?.put({ kind: 'tenant-policy', id: 'acme', body: { [`field${at}`]: at }, mode: 'merge' }),
      ),
    );
    const found = await store.get('tenant-policy', 'acme');
    expect(Object.keys(found?.body ?? {})).toHaveLength(30);
    expect(found?.version).toBe(30);
  });

  it('keeps a removed document as removed, and shows it to those who follow', async () => {
    await put('acme', { dataPolicy: 'block' });
    expect(await store.remove('tenant-policy', 'acme')).toMatchObject({ isDeleted: true, version: 2 });
    expect(await store.remove('tenant-policy', 'acme')).toBeUndefined();
    expect(await store.remove('tenant-policy', 'never')).toBeUndefined();
    expect(await store.list('tenant-policy')).toEqual([]);
    expect(await store.list('tenant-policy', { withDeleted: true })).toHaveLength(1);
    expect(await store.changedSince(1, 10)).toEqual([
      expect.objectContaining({ id: 'acme', isDeleted: true, body: { dataPolicy: 'block' } }),
    ]);
  });

  it('begins anew, not with the old fields, when a removed document is merged into', async () => {
    await put('acme', { dataPolicy: 'block' });
    await store.remove('tenant-policy', 'acme');
    expect(await put('acme', { costWeight: 1 }, { mode: 'merge' })).toMatchObject({
      body: { costWeight: 1 },
      isDeleted: false,
    });
  });

  it('creates an id once, however many ask at once, and never again', async () => {
    const create = () => store.put({ kind: 'experiment', id: 'e1', body: {}, mode: 'create' });
    const outcomes = await Promise.all([create(), create(), create()]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['id-was-used', 'id-was-used', 'stored']);
    await store.remove('experiment', 'e1');
    expect(await create()).toEqual({ kind: 'id-was-used' });
  });

  it('holds no more live documents of a kind than it may, also when many come at once', async () => {
    const create = (at: number) =>
      store.put({ kind: 'experiment', id: `e${at}`, body: {}, mode: 'create', maxLive: 5 });
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, at) => create(at)));
    expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(5);
    expect(outcomes.filter(({ kind }) => kind === 'too-many')).toHaveLength(7);
    const [live] = await store.list('experiment');
    await store.remove('experiment', live?.id ?? '');
    expect(await create(20)).toMatchObject({ kind: 'stored' });
    expect(await store.put({ kind: 'experiment', id: 'e20', body: { a: 1 }, maxLive: 5 })).toMatchObject({
      kind: 'stored',
    });
  });

  it('lets a reader follow concurrent writers without missing a document', async () => {
    const writers = [store, test.another().control, test.another().control, test.another().control];
    const reader = test.another().control;
    const seen = new Map<string, number>();
    let version = 0;
    let areDone = false;
    const read = async (): Promise<number> => {
      const documents = await reader.changedSince(version, 7);
      for (const document of documents) {
        expect(document.version).toBeGreaterThan(version);
        version = document.version;
        seen.set(document.id, Number(document.body['at']));
      }
      return documents.length;
    };
    const follow = (async () => {
      while (!areDone) await read();
      while ((await read()) > 0);
    })();
    await Promise.all(
      writers.map(async (writer, which) => {
        for (let at = 0; at < 40; at++)
          await writer.put({ kind: 'tenant-policy', id: `t${which}-${at % 20}`, body: { at } });
      }),
    );
    areDone = true;
    await follow;
    expect(seen.size).toBe(80);
    expect([...seen.values()].every((at) => at >= 20)).toBe(true);
    expect(version).toBe(160);
  });
});
