import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVectorSource } from '../../testing/sample-vectors';
import { createEmbeddedIndex, type EmbeddedIndex } from '../create-embedded-index';
import type { EvictableRecord } from '../records';

const identity = { modelId: 'static-v1', dimension: 40 };

describe('snapshots of the embedded index', () => {
  let folder: string;
  let file: string;
  let nowMs: number;
  const open: EmbeddedIndex[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'vector-snapshot-'));
    file = path.join(folder, 'index.bin');
    nowMs = 1_000;
  });
  afterEach(async () => {
    for (const index of open.splice(0)) await index.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = (options: { identity?: typeof identity } = {}): EmbeddedIndex => {
    const index = createEmbeddedIndex({ identity, nowMs: () => nowMs, maxPlainRecords: 64, ...options });
    open.push(index);
    return index;
  };
  const source = createVectorSource(identity.dimension, 31);
  const recordsOf = (count: number): EvictableRecord[] =>
    Array.from({ length: count }, (_, i) => ({
      id: `r"${i}"`,
      tenantId: `tenant ü ${i % 3}`,
      contextHash: i % 2 === 0 ? '' : 'c',
      modelClass: 'm',
      expiresAtMs: 5_000 + i,
      vector: source.direction(),
      valueNanoUsd: i,
      sizeBytes: 10 * i,
    }));
  const queryOf = ({ id: _, expiresAtMs: __, ...record }: EvictableRecord) => ({
    ...record,
    limit: 2,
    minSimilarity: 0.5,
  });
  const seal = (bytes: Buffer): void => {
    const body = bytes.subarray(0, -32);
    writeFileSync(file, Buffer.concat([body, createHash('sha256').update(body).digest()]));
  };

  it('gives back every record, with the very same answers, in an index that was empty', async () => {
    const records = recordsOf(3_000);
    const before = create();
    await before.upsert(records);
    await before.save(file);
    const after = create();
    expect(await after.load(file)).toEqual({ ok: true, value: { loaded: 3_000, skipped: 0 } });
    const queries = records.map(queryOf);
    expect(await after.search(queries)).toEqual(await before.search(queries));
    expect(after.stats()).toMatchObject({ entries: 3_000, bytes: before.stats().bytes });
    nowMs = 5_000;
    expect(await after.count()).toBe(2_999);
  });

  it('leaves out what has expired and what is there already', async () => {
    const records = recordsOf(10);
    const before = create();
    await before.upsert(records);
    await before.save(file);
    nowMs = 5_002;
    const after = create();
    const [newer] = recordsOf(10).slice(5);
    if (newer) await after.upsert([newer]);
    expect(await after.load(file)).toEqual({ ok: true, value: { loaded: 6, skipped: 4 } });
    const [matches] = await after.search([queryOf(newer ?? recordsOf(1)[0]!)]);
    expect(matches?.[0]).toMatchObject({ id: 'r"5"' });
    expect(matches?.[0]?.similarity).toBeGreaterThan(0.99);
  });

  it('saves an empty index', async () => {
    await create().save(file);
    expect(await create().load(file)).toEqual({ ok: true, value: { loaded: 0, skipped: 0 } });
  });

  it.each([
    ['another model', { modelId: 'static-v2', dimension: 40 }],
    ['another dimension', { modelId: 'static-v1', dimension: 41 }],
  ])('refuses a snapshot of %s', async (_, other) => {
    await create({ identity: other }).save(file);
    expect(await create().load(file)).toMatchObject({ ok: false, error: { reason: 'foreign' } });
  });

  it('says that there is none', async () => {
    expect(await create().load(file)).toMatchObject({ ok: false, error: { reason: 'missing' } });
    expect(await create().load(folder)).toMatchObject({ ok: false, error: { reason: 'damaged' } });
  });

  it('refuses one of another version', async () => {
    await create().save(file);
    const bytes = readFileSync(file);
    bytes.writeUInt32LE(2, 4);
    seal(bytes);
    expect(await create().load(file)).toMatchObject({ ok: false, error: { reason: 'unsupported' } });
  });

  it('refuses one that was cut short anywhere, or has a byte changed anywhere, and stays empty', async () => {
    const before = create();
    await before.upsert(recordsOf(5));
    await before.save(file);
    const bytes = readFileSync(file);
    const index = create();
    for (let at = 0; at < bytes.length; at += 7) {
      writeFileSync(file, bytes);
      truncateSync(file, at);
      expect(await index.load(file)).toMatchObject({ ok: false });
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      writeFileSync(file, changed);
      expect(await index.load(file)).toMatchObject({ ok: false });
    }
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('more')]));
    expect(await index.load(file)).toMatchObject({ ok: false, error: { reason: 'damaged' } });
    expect(index.stats().entries).toBe(0);
    writeFileSync(file, bytes);
    expect(await index.load(file)).toMatchObject({ ok: true });
  });

  it.each([
    ['a record that is too long', (bytes: Buffer, at: number) => bytes.writeUInt32LE(0x7fffffff, at)],
    ['a text that is longer than its record', (bytes: Buffer, at: number) => bytes.writeUInt32LE(60_000, at + 28)],
  ])('refuses %s even where the checksum is right', async (_, change) => {
    const before = create();
    await before.upsert(recordsOf(2));
    await before.save(file);
    const bytes = readFileSync(file);
    change(bytes, 12 + bytes.readUInt32LE(8));
    seal(bytes);
    expect(await create().load(file)).toMatchObject({ ok: false, error: { reason: 'damaged' } });
  });

  it('replaces the file in one step and leaves nothing beside it', async () => {
    const index = create();
    await index.upsert(recordsOf(2_000));
    await index.save(file);
    const saving = index.save(file);
    const changes = index.upsert(recordsOf(2_500).slice(2_000));
    const load = await create().load(file);
    expect(load.ok).toBe(true);
    await Promise.all([saving, changes]);
    expect(readdirSync(folder)).toEqual(['index.bin']);
    expect((await create().load(file)).ok).toBe(true);
  });

  it('rejects where it cannot write, and keeps the file that was there', async () => {
    const index = create();
    await index.save(file);
    await expect(index.save(path.join(folder, 'none', 'index.bin'))).rejects.toThrow('ENOENT');
    rmSync(file);
    await expect(index.save(`${folder}/.`)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });
});
