import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readClusters } from './labelled.mjs';
import { doubtsOf, findLimit } from './phases.mjs';
import { createWorkload } from './workload.mjs';

jest.mock('../../tools/lib/load-sources.mjs', () => ({ root: process.cwd(), loadSources: jest.fn() }));

const self = { cpuShare: 0.1, lateP50Ms: 0.7, lateP99Ms: 3 };

/** A system whose hits are fast up to a rate. */
const systemUpTo = (ratePerSecond, more = {}) => ({
  run: async (job) => ({
    hits: { p95Ms: job.ratePerSecond <= ratePerSecond ? 20 : 300 },
    failed: 0,
    unanswered: 0,
    inFlightAtEnd: 100,
    self,
    ...more,
  }),
});
const limitOf = (client, startPerSecond = 890) =>
  findLimit({ system: { urls: { gateway: 'here' } }, client, seed: 1, startPerSecond, pauseMs: 0 });

describe('the search for the highest rate', () => {
  it.each([250, 890, 1_500, 2_900])('comes near to %d a second from below', async (rate) => {
    const { highest, steps } = await limitOf(systemUpTo(rate));
    expect(highest.ratePerSecond).toBeLessThanOrEqual(rate);
    expect(highest.ratePerSecond).toBeGreaterThan(rate * 0.85);
    expect(steps.length).toBeLessThanOrEqual(9);
  });

  it('finds none where requests fail, or pile up, however fast hits are', async () => {
    expect((await limitOf(systemUpTo(1e6, { failed: 1 }))).highest).toBeUndefined();
    expect((await limitOf(systemUpTo(1e6, { inFlightAtEnd: 1e6 }))).highest).toBeUndefined();
  });

  it('says of each rate whether the generator is to be believed', async () => {
    const { steps } = await limitOf(systemUpTo(1e6, { self: { ...self, lateP99Ms: 80 } }));
    expect(steps.every(({ doubts }) => /late/.test(doubts))).toBe(true);
    expect(doubtsOf({ self })).toBeUndefined();
    expect(doubtsOf({ self: { ...self, cpuShare: 0.95 } })).toContain('95 % of a core');
  });
});

describe('labelled pairs', () => {
  let folder;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'headline-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (pairs) => {
    const file = path.join(folder, 'pairs.jsonl');
    writeFileSync(file, pairs.map((pair) => JSON.stringify(pair)).join('\n'));
    return file;
  };

  it('make a part of the requests, each wording with the intent of its cluster', () => {
    const file = write([
      { a: 'Why is the sky blue?', b: 'What makes the sky blue?', same: true },
      { a: 'Why is the sky blue?', b: 'Why is the sea blue?', same: false },
    ]);
    const labelled = readClusters(file);
    expect(labelled).toHaveLength(2);
    const workload = createWorkload({ seed: 1, labelled });
    const asked = Array.from({ length: 2_000 }, () => workload.next()).filter((one) => one.difficulty === 'labelled');
    expect(asked.length / 2_000).toBeCloseTo(0.2, 1);
    const intents = new Set(asked.map(({ intent, text }) => `${intent.id} ${/sea/i.test(text) ? 'sea' : 'sky'}`));
    expect(intents.size).toBe(2);
  });

  it('are refused where a line is not one, by its number', () => {
    expect(() => readClusters(write([{ a: 'x', b: 'y', same: true }, { a: 'x' }]))).toThrow(/pairs\.jsonl:2: /);
    expect(readClusters(undefined)).toEqual([]);
  });
});
