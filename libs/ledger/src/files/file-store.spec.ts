import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { FileStore } from './file-store';
import type { FileListOptions, FileRef, NewFile } from './file-types';

describeWithPostgres('file store', () => {
  let test: TestLedger;
  let store: FileStore;
  let next = 0;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.files;
  });
  afterAll(() => test.end());

  async function begun(changes: Partial<NewFile> = {}): Promise<FileRef> {
    const file = {
      tenantId: 'acme',
      fileId: `file-${(next += 1)}`,
      purpose: 'batch',
      filename: 'in.jsonl',
      ...changes,
    };
    const ref = await store.begin(file);
    if (!ref) throw new Error('there was no room');
    return ref;
  }
  async function stored(pieces: Buffer[], changes: Partial<NewFile> = {}, expiresAtMs?: number): Promise<FileRef> {
    const ref = await begun(changes);
    for (const [position, bytes] of pieces.entries()) await store.append(ref, position, bytes);
    await store.complete(ref, pieces.length, expiresAtMs);
    return ref;
  }
  const content = async (ref: FileRef): Promise<Buffer> => {
    const pieces: Buffer[] = [];
    for await (const piece of store.read(ref)) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const namesOf = async (tenantId: string, options: Partial<FileListOptions> = {}): Promise<string[]> =>
    (await store.list(tenantId, { limit: 100, ...options })).map(({ fileId }) => fileId);
  const chunksLeft = async ({ fileId }: FileRef): Promise<number> => {
    const sql = `SELECT 1 FROM stored_file_chunks c JOIN stored_files f ON f.number = c.file_number WHERE f.id = $1`;
    return (await test.rows(sql, [fileId])).length;
  };

  it('gives a file back byte for byte, with its size', async () => {
    const pieces = [Buffer.from([0, 255, 10]), Buffer.from('ü"\\'), Buffer.alloc(300_000, 7)];
    const ref = await stored(pieces);
    expect(await content(ref)).toEqual(Buffer.concat(pieces));
    expect(await store.get(ref)).toMatchObject({ ...ref, purpose: 'batch', filename: 'in.jsonl', sizeBytes: 300_007 });
  });

  it('has no file before an upload is complete, nor takes pieces after', async () => {
    const ref = await begun();
    await store.append(ref, 0, Buffer.from('a'));
    expect(await store.get(ref)).toBeUndefined();
    await expect(content(ref)).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.append(ref, 0, Buffer.from('again'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.complete(ref, 2)).rejects.toMatchObject({ code: 'not_found' });
    await store.complete(ref, 1);
    await expect(store.append(ref, 1, Buffer.from('b'))).rejects.toMatchObject({ code: 'not_found' });
    expect(await content(ref)).toEqual(Buffer.from('a'));
  });

  it('leaves nothing of an upload that is given up, and does not give up a file', async () => {
    const [upload, file] = [await begun(), await stored([Buffer.from('a')])];
    await store.append(upload, 0, Buffer.from('a'));
    await store.discard(upload);
    await store.discard(file);
    expect(await chunksLeft(upload)).toBe(0);
    expect(await store.get(file)).toBeDefined();
  });

  it('is blind to other tenants, whatever is asked', async () => {
    const ref = await stored([Buffer.from('a')]);
    const other = { ...ref, tenantId: 'globex' };
    expect(await store.get(other)).toBeUndefined();
    expect(await store.remove(other)).toBe(false);
    expect(await namesOf('globex')).toEqual([]);
    await expect(content(other)).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.append(other, 1, Buffer.from('b'))).rejects.toMatchObject({ code: 'not_found' });
    expect(await content(ref)).toEqual(Buffer.from('a'));
  });

  it('deletes a file with its pieces, once, and ends who is reading it', async () => {
    const ref = await stored([Buffer.from('a'), Buffer.from('b')]);
    const reading = store.read(ref);
    expect((await reading.next()).value).toEqual(Buffer.from('a'));
    expect(await store.remove(ref)).toBe(true);
    await expect(reading.next()).rejects.toMatchObject({ code: 'not_found' });
    expect(await chunksLeft(ref)).toBe(0);
    expect(await store.remove(ref)).toBe(false);
    expect(await store.get(ref)).toBeUndefined();
  });

  it('lists by pages in both orders and by purpose', async () => {
    const made: string[] = [];
    for (const purpose of ['batch', 'batch', 'other', 'batch'])
      made.push((await stored([Buffer.from('x')], { tenantId: 'lists', purpose })).fileId);
    const [a, b, c, d] = made as [string, string, string, string];
    expect(await namesOf('lists')).toEqual([d, c, b, a]);
    expect(await namesOf('lists', { order: 'asc', purpose: 'batch' })).toEqual([a, b, d]);
    expect(await namesOf('lists', { limit: 2 })).toEqual([d, c]);
    expect(await namesOf('lists', { limit: 2, afterFileId: c })).toEqual([b, a]);
    expect(await namesOf('lists', { order: 'asc', afterFileId: b })).toEqual([c, d]);
    expect(await namesOf('lists', { afterFileId: 'file-unknown' })).toEqual([]);
  });

  it('takes no upload more when a tenant’s room is used up', async () => {
    const room = { tenantId: 'full', maxTenantBytes: 10 };
    await stored([Buffer.alloc(9)], room);
    await stored([Buffer.alloc(9)], room);
    expect(await store.begin({ ...room, fileId: 'file-much', purpose: 'batch', filename: 'x' })).toBeUndefined();
    expect(await begun({ maxTenantBytes: 1_000_000_000 })).toBeDefined();
  });

  it('has no file any more when its time is over, and sweeps it with what was left in mid-upload', async () => {
    const soon = Date.now() - 1;
    const [kept, late, abandoned] = [
      await stored([Buffer.from('a')], {}, Date.now() + 60_000),
      await stored([Buffer.from('a')], {}, soon),
      await begun(),
    ];
    await store.append(abandoned, 0, Buffer.from('a'));
    expect(await store.get(late)).toBeUndefined();
    expect(await store.remove(late)).toBe(false);
    await expect(content(late)).rejects.toMatchObject({ code: 'not_found' });
    await store.deleteOld({ abandonedBeforeMs: Date.now() - 60_000 });
    expect(await chunksLeft(abandoned)).toBe(1);
    expect(await chunksLeft(late)).toBe(0);
    await store.deleteOld({ abandonedBeforeMs: Date.now() + 60_000 });
    expect(await chunksLeft(abandoned)).toBe(0);
    expect(await content(kept)).toEqual(Buffer.from('a'));
  });
});
