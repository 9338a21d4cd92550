import type { CompletionRecord } from '@costlane/contracts';
import { startTcpProxy, waitFor, type TcpProxy } from '@costlane/testing';
import type { Ledger } from '../ledger';
import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const DAY_MS = 86_400_000;
const REQUESTS = 1_200;
const BATCH = 60;

/** A generator of numbers in [0, 1) that follow from the seed (mulberry32, Tommy Ettinger 2017). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const keyed = values.map((value) => ({ value, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/** Requests of several tenants, users, days and experiments, with amounts of their own. Some failed and were answered by what was stale: two records each. */
function recordsOf(seed: number): CompletionRecord[] {
  const random = randomOf(seed);
  return Array.from({ length: REQUESTS }, (_, i) => {
    const paidNanoUsd = Math.floor(random() * 1e9);
    const record = sampleRecord({
      requestId: `req_${seed}_${i}`,
      tenantId: `tenant-${Math.floor(random() * 3)}`,
      userId: `user-${Math.floor(random() * 5)}`,
      createdAtMs: Date.now() - Math.floor(random() * 3) * DAY_MS,
      ...(random() < 0.3 ? { experimentId: 'exp-1', experimentVariant: random() < 0.5 ? 'a' : 'b' } : {}),
      paidNanoUsd,
      baselineNanoUsd: paidNanoUsd,
      savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    });
    return random() < 0.1 ? failedAndStale(record) : [record];
  }).flat();
}

function failedAndStale(record: CompletionRecord): CompletionRecord[] {
  const { paidNanoUsd, savings } = record;
  const failed = { errorCode: 'upstream_error' as const, httpStatus: 502, baselineNanoUsd: 0 };
  const stale = { isStale: true as const, attempt: 'stale', cacheTier: 'exact' as const, upstreamCalls: 0 };
  return [
    { ...record, ...failed, savings: { ...savings, routing: -paidNanoUsd } },
    { ...record, ...stale, paidNanoUsd: 0, baselineNanoUsd: 500, savings: { ...savings, cache: 500 } },
  ];
}

/** All of it twice, in an order of its own. */
function deliveriesOf(records: readonly CompletionRecord[], seed: number): CompletionRecord[][] {
  const all = shuffled([...records, ...records], randomOf(seed));
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH));
}

/** As the ingest does: a batch that fails comes again, until it does not. */
async function deliver(ledger: Ledger, batches: readonly CompletionRecord[][]): Promise<number> {
  let failures = 0;
  for (const batch of batches)
    await waitFor(
      () =>
        ledger.record(batch).then(
          () => true,
          () => {
            failures += 1;
            return false;
          },
        ),
      { timeoutMs: 60_000, intervalMs: 5 },
    );
  return failures;
}

describeWithPostgres('records are in the books exactly once', () => {
  let test: TestLedger;
  let proxy: TcpProxy;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(async () => {
    await test.rows('TRUNCATE experiment_subjects, experiment_latencies');
    await test.empty();
    proxy = await startTcpProxy(test.url);
  });
  afterEach(() => proxy.stop());
  afterAll(() => test.end());

  const expectAllOnce = async (records: readonly CompletionRecord[]) => {
    await test.ledger.rollups.run();
    const paidNanoUsd = records.reduce((sum, { paidNanoUsd: paid }) => sum + BigInt(paid), 0n);
    const requests = new Map(records.map((record) => [record.requestId, record]));
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: requests.size,
      paidNanoUsd,
      enteredNanoUsd: paidNanoUsd,
      daysWaiting: 1,
      duplicateCompletions: 0,
    });
    const stale = records.filter(({ isStale }) => isStale);
    expect(stale.length).toBeGreaterThan(0);
    expect(await test.rows('SELECT FROM llm_requests WHERE is_stale')).toHaveLength(stale.length);
    const [inExperiment] = await test.rows<{ requests: string }>(
      'SELECT sum(requests) AS requests FROM experiment_subjects',
    );
    const expected = [...requests.values()].filter(({ experimentId }) => experimentId);
    expect(Number(inExperiment?.requests)).toBe(expected.length);
  };

  it.each([1, 2, 3])(
    'by four writers at once whose batches overlap, in any order (seed %i)',
    async (seed) => {
      const records = recordsOf(seed);
      const writers = [test.ledger, test.another(), test.another(), test.another()];
      await Promise.all(writers.map((ledger, i) => deliver(ledger, deliveriesOf(records, 10 * seed + i))));
      await expectAllOnce(records);
    },
    120_000,
  );

  it.each([4, 5, 6])(
    'while their connections are cut in the middle of statements and between them (seed %i)',
    async (seed) => {
      const records = recordsOf(seed);
      const random = randomOf(seed);
      const writers = [1, 2].map(() => test.another({ databaseUrl: proxy.url }));
      let isOver = false;
      let cuts = 0;
      const cutting = (async () => {
        while (!isOver) {
          await test.rows(`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'costlane-ledger' AND random() < 0.5`);
          if (random() < 0.3) {
            await proxy.stop();
            await proxy.start();
          }
          cuts += 1;
          await new Promise((resolve) => setTimeout(resolve, 20 + 80 * random()));
        }
      })();
      const failures = await Promise.all(
        writers.map((ledger, i) => deliver(ledger, deliveriesOf(records, 10 * seed + i))),
      );
      isOver = true;
      await cutting;
      expect(cuts).toBeGreaterThan(0);
      expect(failures[0]! + failures[1]!).toBeGreaterThan(0);
      await expectAllOnce(records);
    },
    120_000,
  );

  it('when Postgres is frozen for some seconds and then goes on with what it had', async () => {
    const records = recordsOf(7);
    const writers = [1, 2].map(() =>
      test.another({ databaseUrl: proxy.url, statementTimeoutMs: 300, connectTimeoutMs: 300 }),
    );
    const delivering = Promise.all(writers.map((ledger, i) => deliver(ledger, deliveriesOf(records, 70 + i))));
    for (let at = 0; at < 3; at++) {
      await waitFor(async () => (await test.ledger.summary()).requests > at * 100);
      proxy.freeze();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      proxy.thaw();
    }
    const failures = await delivering;
    expect(failures[0]! + failures[1]!).toBeGreaterThan(0);
    await expectAllOnce(records);
  }, 120_000);
});
