import type { CompletionRecord } from '@costlane/contracts';
import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { ExperimentStore } from './experiment-store';

describeWithPostgres('experiment store', () => {
  let test: TestLedger;
  let store: ExperimentStore;
  let next = 0;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.experiments;
  });
  beforeEach(() => test.rows('TRUNCATE llm_requests, experiment_subjects, experiment_latencies, request_feedback'));
  afterAll(() => test.end());

  const request = (changes: Partial<CompletionRecord> = {}): CompletionRecord =>
    sampleRecord({
      requestId: `req_${(next += 1)}`,
      experimentId: 'e1',
      experimentVariant: 'a',
      paidNanoUsd: 100,
      baselineNanoUsd: 300,
      savings: { cache: 0, routing: 200, prefix: 0, batching: 0 },
      latencyMs: 500,
      timeToFirstTokenMs: undefined,
      ...changes,
    });
  const paid = (amount: number): Partial<CompletionRecord> => ({
    paidNanoUsd: amount,
    baselineNanoUsd: amount,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
  });

  it('adds up requests by variant, with users as clusters, over any number of batches', async () => {
    await test.ledger.record([
      request({ userId: 'u1', ...paid(100) }),
      request({ userId: 'u1', ...paid(200) }),
      request({ userId: 'u2', ...paid(1_000), timeToFirstTokenMs: 80 }),
      request({ experimentVariant: 'b' }),
      request({ experimentId: 'e2' }),
      request({ experimentId: undefined, experimentVariant: undefined }),
      request({ experimentVariant: undefined }),
    ]);
    await test.ledger.record([request({ userId: 'u1', ...paid(300), httpStatus: 502, errorCode: 'upstream_error' })]);
    const totals = await store.totals('e1');
    expect([...totals.keys()].sort()).toEqual(['a', 'b']);
    const a = totals.get('a');
    expect(a).toMatchObject({ users: 2, requests: 4 });
    expect(a?.cost).toEqual({
      clusters: 2,
      observations: 4,
      sum: 1_600,
      sumOfSquares: 600 ** 2 + 1_000 ** 2,
      sumOfProducts: 3 * 600 + 1_000,
      sumOfSizeSquares: 9 + 1,
    });
    expect(a?.failures).toMatchObject({ sum: 1, observations: 4, clusters: 2 });
    expect(a?.firstToken).toMatchObject({ sum: 80, observations: 1, clusters: 1 });
    expect(totals.get('b')?.baseline.sum).toBe(300);
  });

  it('leaves the latency of errors out, and knows its spread and its histogram', async () => {
    await test.ledger.record([
      request({ latencyMs: 100 }),
      request({ latencyMs: 300 }),
      request({ latencyMs: 1, httpStatus: 429, errorCode: 'rate_limited' }),
    ]);
    const a = (await store.totals('e1')).get('a');
    expect(a?.latency).toMatchObject({ sum: 400, observations: 2 });
    expect(a?.latencyVariance).toBeCloseTo(10_000, 6);
    expect(a?.latencies.map(({ count }) => count)).toEqual([1, 1]);
    for (const [at, latencyMs] of [100, 300].entries()) {
      expect(a?.latencies[at]?.low).toBeLessThanOrEqual(latencyMs);
      expect(a?.latencies[at]?.high).toBeGreaterThan(latencyMs);
    }
  });

  it('counts a request once however often its record comes, also when writers come at once', async () => {
    const records = Array.from({ length: 60 }, (_, at) => request({ userId: `u${at % 7}` }));
    const ledgers = [test.ledger, test.another(), test.another()];
    await Promise.all(
      ledgers.flatMap((ledger, at) => [ledger.record(records.slice(at * 10)), ledger.record([...records].reverse())]),
    );
    expect((await store.totals('e1')).get('a')).toMatchObject({ users: 7, requests: 60, cost: { sum: 6_000 } });
  });

  it('shows a tenant its own requests only', async () => {
    await test.ledger.record([request({ tenantId: 'acme' }), request({ tenantId: 'globex' }), request()]);
    expect((await store.totals('e1', { tenantId: 'globex' })).get('a')).toMatchObject({ requests: 1 });
    expect((await store.totals('e1', { tenantId: 'initech' })).size).toBe(0);
    const all = (await store.totals('e1')).get('a');
    // The same user name in two tenants is two users.
    expect([all?.requests, all?.users, all?.latencies[0]?.count]).toEqual([3, 2, 3]);
  });

  it('keeps the last word on a request of one’s own tenant that took part', async () => {
    const own = request({ userId: 'u1' });
    const outside = request({ experimentId: undefined, experimentVariant: undefined });
    await test.ledger.record([own, outside]);
    const say = (requestId: string, value: number, tenantId = 'acme') =>
      store.recordFeedback({ tenantId, requestId, value });
    expect(await say(own.requestId, 1)).toBe(true);
    expect(await say(own.requestId, 0)).toBe(true);
    expect(await say(own.requestId, 1, 'globex')).toBe(false);
    expect(await say(outside.requestId, 1)).toBe(false);
    expect(await say('never', 1)).toBe(false);
    expect((await store.totals('e1')).get('a')?.feedback).toEqual({
      clusters: 1,
      observations: 1,
      sum: 0,
      sumOfSquares: 0,
      sumOfProducts: 0,
      sumOfSizeSquares: 1,
    });
  });

  it('is not changed by rows that move into a partition of their own', async () => {
    const createdAtMs = Date.now() + 20 * 86_400_000;
    await test.ledger.record([request({ createdAtMs })]);
    await test.ledger.ensurePartitions({ daysBack: 0, daysAhead: 21 });
    expect((await store.totals('e1')).get('a')).toMatchObject({ requests: 1 });
  });
});
