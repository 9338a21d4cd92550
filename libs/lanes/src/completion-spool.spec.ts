import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CompletionRecord } from '@costlane/contracts';
import { createLogger } from '@costlane/platform';
import { sampleRecord } from '@costlane/testing';
import { createCompletionSpool } from './completion-spool';

const logger = createLogger({ service: 'spec', level: 'silent' });
const line = (requestId: string): string => `${JSON.stringify(sampleRecord({ requestId }))}\n`;
/** The id of a process that has ended. */
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

describe('createCompletionSpool', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'costlane-spool-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const leave = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  const collector = () => {
    const ids: string[] = [];
    return {
      ids,
      take: async (records: CompletionRecord[]) => void ids.push(...records.map((each) => each.requestId)),
    };
  };
  const left = async (): Promise<string[]> => (await readdir(folder)).sort();

  it('recovers what a process that crashed had written, once', async () => {
    await leave(`completions-${deadPid}-1.ndjson`, line('1') + line('2'));
    const { ids, take } = collector();
    const spool = createCompletionSpool(folder, logger);
    expect(await spool.recover(take)).toBe(2);
    expect(await spool.recover(take)).toBe(0);
    expect(ids).toEqual(['1', '2']);
    expect(await left()).toEqual([]);
  });

  it('passes over a line that the crash cut off', async () => {
    await leave(`completions-${deadPid}-1.ndjson`, line('1') + line('2').slice(0, 40));
    const { ids, take } = collector();
    expect(await createCompletionSpool(folder, logger).recover(take)).toBe(1);
    expect(ids).toEqual(['1']);
  });

  it('recovers a file whose recovery was interrupted', async () => {
    await leave(`completions-${deadPid}-1.ndjson.recovering-${deadPid}`, line('1'));
    await leave(`completions-${deadPid}-2.ndjson.recovering-${process.pid}`, line('2'));
    const { ids, take } = collector();
    await createCompletionSpool(folder, logger).recover(take);
    expect(ids.sort()).toEqual(['1', '2']);
    expect(await left()).toEqual([]);
  });

  it('hands a file over again when it was not taken', async () => {
    await leave(`completions-${deadPid}-1.ndjson`, line('1'));
    const spool = createCompletionSpool(folder, logger);
    await expect(spool.recover(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const { ids, take } = collector();
    await spool.recover(take);
    expect(ids).toEqual(['1']);
  });

  it('leaves the files of living processes and of others alone', async () => {
    const names = [`completions-${process.ppid}-1.ndjson`, 'notes.ndjson', `completions-x-1.ndjson`];
    for (const name of names) await leave(name, line('1'));
    const { ids, take } = collector();
    expect(await createCompletionSpool(folder, logger).recover(take)).toBe(0);
    expect(ids).toEqual([]);
    expect(await left()).toEqual([...names].sort());
  });

  it('lets only one of two who recover at once have a file', async () => {
    await leave(`completions-${deadPid}-1.ndjson`, line('1'));
    const { ids, take } = collector();
    const spool = createCompletionSpool(folder, logger);
    await Promise.all([spool.recover(take), spool.recover(take)]);
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
    const spool = createCompletionSpool(folder, logger, line('1').length * 2);
    for (const requestId of ['1', '2', '3']) await spool.add(sampleRecord({ requestId }));
    const { ids, take } = collector();
    await spool.replay(take);
    await spool.add(sampleRecord({ requestId: '4' }));
    await spool.replay(take);
    expect(ids).toEqual(['1', '2', '4']);
  });
});
