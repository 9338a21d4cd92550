import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CompletionRecord } from '@costlane/contracts';
import { createLogger } from '@costlane/platform';
import { sampleRecord, waitFor } from '@costlane/testing';
import { createCompletionSpool } from './completion-spool';

const logger = createLogger({ service: 'spec', level: 'silent' });
const line = (requestId: string): string => `${JSON.stringify(sampleRecord({ requestId }))}\n`;
const LONG_AGO = new Date(Date.now() - 3_600_000);

describe('createCompletionSpool', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'costlane-spool-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A file that a process left which is no more: nobody has touched it for long. */
  const leave = async (name: string, text: string): Promise<void> => {
    await writeFile(path.join(folder, name), text);
    await utimes(path.join(folder, name), LONG_AGO, LONG_AGO);
  };
  const collector = () => {
    const ids: string[] = [];
    return {
      ids,
      take: async (records: CompletionRecord[]) => void ids.push(...records.map((each) => each.requestId)),
    };
  };
  const left = async (): Promise<string[]> => (await readdir(folder)).sort();

  it('recovers what a process that crashed had written, once', async () => {
    await leave('completions-dead.ndjson', line('1') + line('2'));
    const { ids, take } = collector();
    const spool = createCompletionSpool(folder, logger);
    expect(await spool.recover(take)).toBe(2);
    expect(await spool.recover(take)).toBe(0);
    expect(ids).toEqual(['1', '2']);
    expect(await left()).toEqual([]);
  });

  it('passes over a line that the crash cut off', async () => {
    await leave('completions-dead.ndjson', line('1') + line('2').slice(0, 40));
    const { ids, take } = collector();
    expect(await createCompletionSpool(folder, logger).recover(take)).toBe(1);
    expect(ids).toEqual(['1']);
  });

  it('recovers a file whose recovery was interrupted', async () => {
    await leave('completions-dead.ndjson.recovering-dead-too', line('1'));
    await leave('completions-dead-2.ndjson.recovering-dead', line('2'));
    const { ids, take } = collector();
    await createCompletionSpool(folder, logger).recover(take);
    expect(ids.sort()).toEqual(['1', '2']);
    expect(await left()).toEqual([]);
  });

  it('hands a file over again when it was not taken', async () => {
    await leave('completions-dead.ndjson', line('1'));
    const spool = createCompletionSpool(folder, logger);
    await expect(spool.recover(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const { ids, take } = collector();
    await spool.recover(take);
    expect(ids).toEqual(['1']);
  });

  it('leaves fresh files and files of others alone', async () => {
    await writeFile(path.join(folder, 'completions-fresh.ndjson'), line('1'));
    await leave('notes.ndjson', line('1'));
    const { ids, take } = collector();
    expect(await createCompletionSpool(folder, logger).recover(take)).toBe(0);
    expect(ids).toEqual([]);
    expect(await left()).toEqual(['completions-fresh.ndjson', 'notes.ndjson']);
  });

  it('shows that it lives by touching its file, so that nobody takes it over', async () => {
    const living = createCompletionSpool(folder, logger, { heartbeatMs: 10 });
    await living.add(sampleRecord());
    const file = path.join(folder, (await left())[0] ?? '');
    await utimes(file, LONG_AGO, LONG_AGO);
    await waitFor(async () => Date.now() - (await stat(file)).mtimeMs < 10_000);
    const { ids, take } = collector();
    await createCompletionSpool(folder, logger).recover(take);
    expect(ids).toEqual([]);
    await living.clear();
  });

  it('keeps a file that it recovers from others until it was taken', async () => {
    await leave('completions-dead.ndjson', line('1'));
    let isTaken = (): void => undefined;
    const first = createCompletionSpool(folder, logger).recover(() => new Promise((resolve) => (isTaken = resolve)));
    await waitFor(async () => (await left())[0]?.includes('recovering'));
    expect(await createCompletionSpool(folder, logger).recover(collector().take)).toBe(0);
    await waitFor(() => {
      isTaken();
      return left().then((names) => names.length === 0);
    });
    expect(await first).toBe(1);
  });

  it('goes on without a file that another took for abandoned while it was frozen', async () => {
    const spool = createCompletionSpool(folder, logger);
    await spool.add(sampleRecord({ requestId: '1' }));
    await utimes(path.join(folder, (await left())[0] ?? ''), LONG_AGO, LONG_AGO);
    const [byOther, byOwn] = [collector(), collector()];
    expect(await createCompletionSpool(folder, logger).recover(byOther.take)).toBe(1);
    expect(await spool.replay(byOwn.take)).toBe(0);
    await spool.add(sampleRecord({ requestId: '2' }));
    expect(await spool.replay(byOwn.take)).toBe(1);
    expect([byOther.ids, byOwn.ids]).toEqual([['1'], ['2']]);
  });

  it('lets only one of two who recover at once have a file', async () => {
    await leave('completions-dead.ndjson', line('1'));
    const { ids, take } = collector();
    const spool = createCompletionSpool(folder, logger);
    const other = createCompletionSpool(folder, logger);
    await Promise.all([spool.recover(take), spool.recover(take), other.recover(take)]);
    expect(ids).toEqual(['1']);
  });

  it('does not recover its own records while they wait, and clears them when told', async () => {
    const { ids, take } = collector();
    const spool = createCompletionSpool(folder, logger);
    await Promise.all([spool.add(sampleRecord()), spool.add(sampleRecord())]);
    expect(await spool.recover(take)).toBe(0);
    expect(ids).toEqual([]);
    expect((await left()).length).toBe(1);
    await spool.clear();
    expect(await left()).toEqual([]);
  });

  it('keeps a record that comes while it is being cleared', async () => {
    const spool = createCompletionSpool(folder, logger);
    for (let round = 0; round < 20; round++) {
      await spool.add(sampleRecord({ requestId: 'old' }));
      const clearing = spool.clear();
      await Promise.all([clearing, spool.add(sampleRecord({ requestId: 'new' }))]);
      const { ids, take } = collector();
      await spool.replay(take);
      expect(ids).toEqual(['new']);
    }
  });

  it('gives back all that it holds in parts, and keeps it when a part is not taken', async () => {
    const spool = createCompletionSpool(folder, logger);
    const sent = Array.from({ length: 2_500 }, (_, index) => String(index));
    await Promise.all(sent.map((requestId) => spool.add(sampleRecord({ requestId }))));
    let parts = 0;
    const refusing = spool.replay(() => (++parts === 2 ? Promise.reject(new Error('no')) : Promise.resolve()));
    await expect(refusing).rejects.toThrow('no');
    const { ids, take } = collector();
    expect(await spool.replay(take)).toBe(2_500);
    expect(ids).toEqual(sent);
    expect(await spool.replay(take)).toBe(0);
    expect(await left()).toEqual([]);
  });

  it('stops at its bound and takes records again when it has been cleared', async () => {
    const spool = createCompletionSpool(folder, logger, { maxFileBytes: line('1').length * 2 });
    for (const requestId of ['1', '2', '3']) await spool.add(sampleRecord({ requestId }));
    const { ids, take } = collector();
    await spool.replay(take);
    await spool.add(sampleRecord({ requestId: '4' }));
    await spool.replay(take);
    expect(ids).toEqual(['1', '2', '4']);
  });
});
