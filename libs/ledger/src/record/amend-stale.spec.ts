import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

describeWithPostgres('the record of a stale answer', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  const createdAtMs = Date.now() - 1_000;
  const failed = sampleRecord({
    createdAtMs,
    usage: undefined,
    usageSource: 'none',
    httpStatus: 503,
    errorCode: 'circuit_open',
    priceVersion: undefined,
    paidNanoUsd: 40,
    baselineNanoUsd: 0,
    savings: { cache: 0, routing: -40, prefix: 0, batching: 0 },
  });
  const stale = sampleRecord({
    createdAtMs,
    attempt: 'stale',
    isStale: true,
    cacheTier: 'exact',
    modelUsed: 'older',
    upstreamCalls: 0,
    latencyMs: 500,
    paidNanoUsd: 0,
    baselineNanoUsd: 900,
    savings: { cache: 700, routing: 200, prefix: 0, batching: 0 },
  });
  const row = async () => {
    const columns =
      'model_used, is_stale, cache_tier, http_status, error_code, price_version, paid_nano_usd, baseline_nano_usd, savings_cache_nano_usd, savings_routing_nano_usd';
    return (await test.rows<Record<string, unknown>>(`SELECT ${columns} FROM llm_requests`))[0];
  };
  const amended = {
    model_used: 'older',
    is_stale: true,
    cache_tier: 'exact',
    http_status: 200,
    error_code: 'circuit_open',
    price_version: 'list-2026-11',
    paid_nano_usd: '40',
    baseline_nano_usd: '900',
    savings_cache_nano_usd: '700',
    savings_routing_nano_usd: '160',
  };

  it('says on the failed request’s row what its client was given, once however often it comes', async () => {
    await test.ledger.record([failed]);
    for (let round = 0; round < 3; round++) await test.ledger.record([stale]);
    expect(await row()).toEqual(amended);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: 1 });
    expect(await test.ledger.summary()).toMatchObject({ requests: 1, duplicateCompletions: 0, savedNanoUsd: 860n });
  });

  it('may come in one batch with the failure', async () => {
    await test.ledger.record([failed, stale]);
    expect(await row()).toEqual(amended);
  });

  it('stands by itself where no worker was reached', async () => {
    expect(await test.ledger.record([stale])).toMatchObject({ inserted: 1, duplicates: 0 });
    expect(await row()).toMatchObject({ is_stale: true, paid_nano_usd: '0', baseline_nano_usd: '900' });
  });

  it('takes what the failure cost when that is heard of only afterwards, once however often it comes', async () => {
    await test.ledger.record([stale]);
    for (let round = 0; round < 3; round++)
      expect(await test.ledger.record([failed])).toMatchObject({ inserted: 0, doubledUpstream: 0 });
    await test.ledger.record([stale]);
    expect(await row()).toEqual(amended);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: 1 });
    expect(await test.ledger.summary()).toMatchObject({ requests: 1, duplicateCompletions: 0, savedNanoUsd: 860n });
  });

  it('takes the cost of an answer that came too late for the client, and does not save it twice', async () => {
    const late = sampleRecord({ createdAtMs });
    expect(late.paidNanoUsd).toBeGreaterThan(0);
    await test.ledger.record([stale]);
    await test.ledger.record([late]);
    const paid = String(late.paidNanoUsd);
    expect(await row()).toMatchObject({ paid_nano_usd: paid, baseline_nano_usd: '900', error_code: null });
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true });
  });

  it('changes nothing of a request that was answered', async () => {
    const answered = sampleRecord({ createdAtMs });
    await test.ledger.record([answered, stale]);
    expect(await row()).toMatchObject({ is_stale: false, baseline_nano_usd: String(answered.baselineNanoUsd) });
  });
});
