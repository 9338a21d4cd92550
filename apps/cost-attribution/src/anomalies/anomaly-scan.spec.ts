import { defaultAnomalySettings } from '@costlane/domain';
import {
  createLedger,
  createScratchDatabase,
  type AnomalyStore,
  type Ledger,
  type ScratchDatabase,
  type StoredAnomaly,
} from '@costlane/ledger';
import { databaseUrlForTests } from '@costlane/testing';
import { describeWithServers, quiet, testRecord } from '../testing/test-stream';
import { readPlan, readVerdict } from './anomaly-requests';
import { createAnomalyScan } from './anomaly-scan';

const HOUR = 3_600_000;
const STEP = 300_000;
/** A Wednesday, 10:00 UTC; the history before it is three weeks long. */
const NOW = Date.UTC(2026, 9, 21, 10);
const CENT = 10_000_000;

describeWithServers('the scan for anomalies', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  const signal = new AbortController().signal;
  let requests = 0;

  /** So many requests of a dollar each, spread over five minutes or an hour. */
  const spend = (userId: string, usd: number, atMs: number) => {
    const paid = usd * 100 * CENT;
    return testRecord(`req_${(requests += 1)}`, {
      userId,
      featureName: `feature of ${userId}`,
      createdAtMs: atMs,
      finishedAtMs: atMs + 100,
      paidNanoUsd: paid,
      baselineNanoUsd: paid,
      savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    });
  };
  const rollUp = () => ledger.rollups.run({ withSummary: false });

  beforeAll(async () => {
    scratch = await createScratchDatabase(databaseUrlForTests() ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    await ledger.migrate();
    const records = [];
    for (let hour = 1; hour <= 21 * 24; hour++)
      for (const [user, usd] of [
        ['ann', 1],
        ['bob', 1.5],
      ] as const)
        for (let part = 0; part < 10; part++)
          records.push(spend(user, usd / 10, NOW - hour * HOUR + part * 6 * 60_000));
    for (let at = 0; at < records.length; at += 500) await ledger.record(records.slice(at, at + 500));
    await rollUp();
  }, 120_000);
  afterAll(async () => {
    await ledger.close();
    await scratch.drop();
  });

  it('finds a runaway user within 15 minutes, once for two that scan at once, and keeps what people say', async () => {
    let now = NOW;
    const scans = [1, 2].map(() =>
      createAnomalyScan({ store: ledger.anomalies, settings: defaultAnomalySettings, now: () => now }),
    );
    const scanAll = () => Promise.all(scans.map((scan) => scan(signal)));
    await scanAll();
    for (let step = 1; step <= 3; step++) {
      const at = NOW + (step - 1) * STEP;
      await ledger.record(Array.from({ length: 30 }, (_, part) => spend('ann', 0.2, at + part * 1_000)));
      await ledger.record(Array.from({ length: 5 }, (_, part) => spend('bob', 0.025, at + part * 1_000)));
      await rollUp();
      now = NOW + step * STEP;
      await scanAll();
      await scanAll();
    }
    const since = new Date(NOW - HOUR);
    const all = await ledger.anomalies.list({ since, limit: 10 });
    expect(all).toHaveLength(1);
    const [found] = all;
    expect(found).toMatchObject({
      tenantId: 'acme',
      dimension: 'user',
      value: 'ann',
      explanation: expect.stringContaining('ann'),
    });
    expect(found?.cause).toContainEqual({ tenantId: 'acme', dimension: 'feature', value: 'feature of ann' });
    expect(await ledger.anomalies.list({ tenantId: 'globex', since, limit: 10 })).toEqual([]);

    const id = found?.id ?? '';
    expect(await ledger.anomalies.judge(id, 'globex', { verdict: 'no' })).toBeUndefined();
    expect(await ledger.anomalies.judge(id, 'acme', { verdict: 'no', note: 'a load test' })).toMatchObject({
      verdict: 'no',
    });
    expect(await ledger.anomalies.judge(id, undefined, { verdict: 'yes' })).toMatchObject({ verdict: 'yes' });
    const judgements = await ledger.anomalies.judgements(since);
    expect(judgements.map(({ verdict, dimension }) => [verdict, dimension]).sort()).toEqual([
      ['yes', 'feature'],
      ['yes', 'model'],
      ['yes', 'user'],
    ]);

    // It has stopped: an hour after the last hour of it, it is over.
    for (let step = 4; step <= 32; step++) {
      now = NOW + step * STEP;
      await scanAll();
    }
    expect((await ledger.anomalies.list({ since, limit: 10 }))[0]?.resolvedAtMs).toBeDefined();
    expect(await ledger.anomalies.open()).toEqual([]);
  }, 120_000);

  it('refuses verdicts and plans that mean nothing, naming the field', () => {
    const request = {
      id: '',
      tenantId: 'acme',
      verdict: 'planned',
      note: '',
      until: '2026-10-22T00:00:00Z',
      dimension: 'user',
      value: 'ann',
      from: '',
    };
    expect(readPlan(request, NOW)).toEqual({
      ...{ tenantId: 'acme', dimension: 'user', value: 'ann', fromMs: NOW, untilMs: Date.UTC(2026, 9, 22) },
    });
    const refused = (changes: object, field: string) =>
      expect(() => readPlan({ ...request, ...changes }, NOW)).toThrow(
        expect.objectContaining({ code: 'invalid_request', field }),
      );
    refused({ verdict: 'yes', until: '' }, 'verdict');
    refused({ dimension: 'planet' }, 'dimension');
    refused({ value: '' }, 'value');
    refused({ until: '' }, 'until');
    refused({ until: 'tomorrow' }, 'until');
    refused({ until: '2027-10-22' }, 'until');
    refused({ from: '2026-10-23T00:00:00Z' }, 'until');
    expect(() => readVerdict({ ...request, verdict: 'maybe' }, NOW)).toThrow('yes, no, planned');
  });
});

describe('a scan of rollups that shrink', () => {
  const START = NOW / HOUR;
  /** Ann spends a dollar an hour, and six more every five minutes from the start on. */
  function playedStore(spentSince: AnomalyStore['spentSince'], now: () => number) {
    const saved: StoredAnomaly[] = [];
    const rowOf = (hour: number) => {
      const elapsed = Math.min(Math.max(now() / HOUR - hour, 0), 1);
      const usd = elapsed + (hour >= START ? elapsed * 12 * 6 : 0.1 * Math.sin(hour));
      const amounts = { tenantId: 'acme', hour, costNanoUsd: Math.round(usd * 1e9), requests: Math.ceil(usd * 100) };
      return [
        { ...amounts, dimension: 'total', value: '' } as const,
        { ...amounts, dimension: 'user', value: 'ann' } as const,
      ];
    };
    const store = {
      firstHour: () => Promise.resolve(new Date((START - 21 * 24) * HOUR)),
      spend: (from: Date, until: Date) => {
        const hours = Array.from({ length: (until.getTime() - from.getTime()) / HOUR }, (_, at) => at);
        return Promise.resolve(hours.flatMap((at) => rowOf(from.getTime() / HOUR + at)));
      },
      open: () => Promise.resolve([]),
      judgements: () => Promise.resolve([]),
      save: (anomalies: readonly StoredAnomaly[]) => Promise.resolve(void saved.push(...anomalies)),
      spentSince,
    };
    return { store: store as unknown as AnomalyStore, saved };
  }

  it.each([
    ['opens what the books show', 1e12, true],
    ['opens nothing for a tenant whose records were taken away, and reads all anew', 0, false],
  ])('%s', async (_name, spent, isOpened) => {
    let now = NOW;
    const asked: unknown[] = [];
    const { store, saved } = playedStore(
      ({ tenantId, dimension, value }) => {
        asked.push([tenantId, dimension, value]);
        return Promise.resolve(spent);
      },
      () => now,
    );
    const scan = createAnomalyScan({ store, settings: defaultAnomalySettings, now: () => now });
    const series: number[] = [];
    for (let step = 0; step <= 3; step++) {
      now = NOW + step * STEP;
      series.push((await scan(new AbortController().signal)).series);
    }
    expect(asked.length).toBeGreaterThan(0);
    expect(saved.length > 0).toBe(isOpened);
    expect(series.includes(0)).toBe(!isOpened);
  });
});
