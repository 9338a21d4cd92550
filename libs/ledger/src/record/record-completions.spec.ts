import fc from 'fast-check';
import type { CompletionRecord } from '@costlane/contracts';
import { DatabaseError } from '../database-error';
import { anyRecord, sampleRecord, sampleRecords } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const sum = (records: readonly CompletionRecord[], read: (record: CompletionRecord) => number): bigint =>
  records.reduce((total, record) => total + BigInt(read(record)), 0n);

const nothing = { inserted: 0, duplicates: 0, doubledUpstream: 0, rejected: 0 };

describeWithPostgres('recording completions', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  it('has what running this product cost for a request, and 0 where that is not known', async () => {
    const costs: Record<string, number> = { req_1: 4_321, req_2: NaN, req_3: -1, req_4: 0.5 };
    const ledger = test.another({ infrastructureCostOf: ({ requestId }) => costs[requestId] ?? 0 });
    await ledger.record(Object.keys(costs).map((requestId) => sampleRecord({ requestId })));
    const rows = await test.rows('SELECT infrastructure_nano_usd AS cost FROM llm_requests ORDER BY request_id');
    expect(rows).toEqual([{ cost: '4321' }, { cost: '0' }, { cost: '0' }, { cost: '0' }]);
  });

  it('keeps every field of a record', async () => {
    const createdAtMs = Date.UTC(2026, 10, 21, 12, 30, 15, 123);
    const modality = { audioInputTokens: 1, audioCacheReadTokens: 2, audioOutputTokens: 3, imageInputTokens: 4 };
    const usage = { ...sampleRecord().usage, reasoningTokens: 5, cacheWriteShortTokens: 6, cacheWriteLongTokens: 7 };
    const route = {
      strategy: 'balanced',
      route: 'complexity',
      reason: 'an easy question',
      tier: 'economy' as const,
      language: 'en',
      candidates: [{ model: 'small', provider: 'openai', costNanoUsd: 1_200 }],
      steps: [{ model: 'small', provider: 'openai', why: 'low_confidence:refusal' }],
    };
    const otherCall = {
      reason: 'low_confidence' as const,
      provider: 'openai',
      model: 'small',
      detail: 'refusal',
      usageSource: 'provider' as const,
      paidNanoUsd: 1_150,
      latencyMs: 80.5,
    };
    const changes = {
      experimentId: 'exp-1',
      experimentVariant: 'b',
      route: { ...route, complexity: 0.25, predictedGain: 0.125 },
      otherCalls: [otherCall],
      isStale: true as const,
      errorCode: 'stream_interrupted' as const,
      stream: true,
      cacheSimilarity: 0.97,
      promptHash: 'f'.repeat(64),
      isHoldout: true as const,
      budgetLessee: 'gw-1#4',
    };
    const record = sampleRecord({ createdAtMs, ...changes, usage: { ...sampleRecord().usage!, ...usage, modality } });
    expect(await test.ledger.record([record])).toEqual({ ...nothing, inserted: 1 });
    const [row] = await test.rows<Record<string, unknown>>('SELECT * FROM llm_requests');
    expect(row).toEqual({
      request_id: 'req_1',
      created_at: new Date(createdAtMs),
      finished_at: new Date(createdAtMs + 412),
      recorded_at: expect.any(Date),
      attempt: 'a1',
      tenant_id: 'acme',
      team_id: 'search',
      user_id: 'user-7',
      key_id: '0198c9f0-0000-7000-8000-000000000001',
      feature_name: 'autocomplete',
      experiment_id: 'exp-1',
      experiment_variant: 'b',
      endpoint: '/v1/chat/completions',
      provider: 'openai',
      model_asked: 'gpt-4o',
      model_used: 'gpt-4o-2024-08-06',
      route_reason: 'requested',
      policy_version: '2026-11-21.1',
      route_decision: route,
      complexity: 0.25,
      predicted_gain: 0.125,
      cache_tier: 'miss',
      cache_similarity: 0.97,
      is_stream: true,
      is_stale: true,
      usage_source: 'provider',
      fresh_input_tokens: 120,
      cache_read_tokens: 1_024,
      cache_write_short_tokens: 6,
      cache_write_long_tokens: 7,
      output_tokens: 80,
      reasoning_tokens: 5,
      audio_input_tokens: 1,
      audio_cache_read_tokens: 2,
      audio_output_tokens: 3,
      image_input_tokens: 4,
      paid_nano_usd: '2380000',
      baseline_nano_usd: '3660000',
      savings_cache_nano_usd: '0',
      savings_routing_nano_usd: '0',
      savings_prefix_nano_usd: '1280000',
      savings_batching_nano_usd: '0',
      price_version: 'list-2026-11',
      price_assumptions: 'service_tier_unpriced,reasoning_unpriced',
      http_status: 200,
      error_code: 'stream_interrupted',
      latency_ms: 412.25,
      time_to_first_token_ms: 180.5,
      upstream_calls: 1,
      other_calls: [otherCall],
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      infrastructure_nano_usd: '0',
      prompt_hash: 'f'.repeat(64),
      is_holdout: true,
      budget_lessee: 'gw-1#4',
    });
  });

  it('keeps a bounded part of a decision that is endless, and of names that no database can hold', async () => {
    const candidate = { model: 'm\u0000\ud800'.padEnd(5_000, 'x'), provider: 'p"\\{},' };
    const many = Array.from({ length: 500 }, () => candidate);
    const route = { strategy: 's', route: 'r', reason: 'x'.repeat(9_000), tier: 'premium' as const, candidates: many };
    expect(await test.ledger.record([sampleRecord({ route })])).toEqual({ ...nothing, inserted: 1 });
    const [row] = await test.rows<{ route_decision: typeof route }>('SELECT route_decision FROM llm_requests');
    expect(row?.route_decision.candidates.length).toBe(8);
    expect(row?.route_decision.candidates[0]?.provider).toBe('p"\\{},');
    expect(JSON.stringify(row?.route_decision).length).toBeLessThan(5_000);
  });

  it('takes a record of the version before, which knows nothing of decisions', async () => {
    await test.ledger.record([sampleRecord()]);
    const [row] = await test.rows(
      'SELECT route_decision, complexity, other_calls, is_stale, experiment_variant FROM llm_requests',
    );
    expect(row).toEqual({
      route_decision: null,
      complexity: null,
      other_calls: null,
      is_stale: false,
      experiment_variant: null,
    });
  });

  it('counts a record once that stands twice in one batch', async () => {
    const record = sampleRecord();
    expect(await test.ledger.record([record, record])).toEqual({ ...nothing, inserted: 1, duplicates: 1 });
    expect((await test.ledger.summary()).requests).toBe(1);
  });

  it('counts records once that come again, alone, reordered and among new ones', async () => {
    const records = sampleRecords(300);
    await test.ledger.record(records.slice(0, 200));
    expect(await test.ledger.record([...records].reverse())).toEqual({ ...nothing, inserted: 100, duplicates: 200 });
    expect(await test.ledger.record(records)).toEqual({ ...nothing, duplicates: 300 });
    expect(await test.ledger.record(records.slice(7, 8))).toEqual({ ...nothing, duplicates: 1 });
    expect(await test.ledger.summary()).toMatchObject({
      requests: 300,
      paidNanoUsd: sum(records, (record) => record.paidNanoUsd),
    });
  });

  it('takes batches larger than a statement', async () => {
    expect(await test.ledger.record(sampleRecords(2_500))).toEqual({ ...nothing, inserted: 2_500 });
  });

  it('takes an empty batch', async () => {
    expect(await test.ledger.record([])).toEqual(nothing);
  });

  it('writes overlapping batches of several writers at once, each record once', async () => {
    const records = sampleRecords(1_200, 'race');
    const writers = [test.ledger, test.another(), test.another()];
    const rounds = writers.flatMap((writer, index) =>
      [0, 1, 2, 3].map((round) => {
        const from = index * 150 + round * 100;
        const batch = records.slice(from, from + 600);
        return writer.record(round % 2 === 0 ? batch : batch.reverse());
      }),
    );
    const outcomes = await Promise.all(rounds);
    const written = records.slice(0, 1_200);
    expect(outcomes.reduce((total, { inserted }) => total + inserted, 0)).toBe(written.length);
    expect(await test.ledger.summary()).toMatchObject({
      requests: written.length,
      paidNanoUsd: sum(written, (record) => record.paidNanoUsd),
    });
  });

  it('charges a request once whose upstream call was doubled, and keeps what the second one cost', async () => {
    const first = sampleRecord();
    const second = sampleRecord({
      attempt: 'a2',
      createdAtMs: first.createdAtMs,
      paidNanoUsd: 5_000_000,
      baselineNanoUsd: 6_280_000,
    });
    expect(await test.ledger.record([first])).toMatchObject({ inserted: 1 });
    expect(await test.ledger.record([second, first])).toEqual({ ...nothing, duplicates: 1, doubledUpstream: 1 });
    expect(await test.ledger.record([second])).toEqual({ ...nothing, duplicates: 1 });
    expect(await test.ledger.summary()).toMatchObject({
      requests: 1,
      paidNanoUsd: BigInt(first.paidNanoUsd),
      duplicateCompletions: 1,
      duplicatePaidNanoUsd: 5_000_000n,
    });
  });

  it('finds a doubled upstream call within one batch and charges the completion that came first', async () => {
    const first = sampleRecord({ attempt: 'zz' });
    const second = sampleRecord({ attempt: 'aa', createdAtMs: first.createdAtMs });
    expect(await test.ledger.record([first, second])).toEqual({ ...nothing, inserted: 1, doubledUpstream: 1 });
    expect(await test.rows('SELECT attempt FROM llm_requests')).toEqual([{ attempt: 'zz' }]);
  });

  it('does not count a further completion as doubled upstream that made no upstream call', async () => {
    const first = sampleRecord();
    const replay = sampleRecord({ attempt: 'a2', createdAtMs: first.createdAtMs, upstreamCalls: 0 });
    expect(await test.ledger.record([first, replay])).toEqual({ ...nothing, inserted: 1, duplicates: 1 });
  });

  it('sets a record aside whose savings do not add up and takes the rest of the batch', async () => {
    const records = sampleRecords(50);
    const bad = sampleRecord({ requestId: 'req_bad', baselineNanoUsd: 1 });
    const batch = [...records.slice(0, 20), bad, ...records.slice(20)];
    expect(await test.ledger.record(batch)).toEqual({ ...nothing, inserted: 50, rejected: 1 });
    expect(await test.ledger.record(batch)).toEqual({ ...nothing, duplicates: 51 });
    const [row] = await test.rows<Record<string, string>>('SELECT * FROM rejected_completions');
    expect(row).toMatchObject({ request_id: 'req_bad', tenant_id: 'acme' });
    expect(row?.['reason']).toContain('savings do not add up');
    expect(JSON.parse(row?.['record'] ?? '')).toEqual(bad);
  });

  it('finds records that only the database refuses, wherever in the batch they stand', async () => {
    await test.rows(`ALTER TABLE llm_requests ADD CONSTRAINT test_refuses CHECK (user_id <> 'refused')`);
    try {
      const records = sampleRecords(1_500);
      const bad = [0, 700, 701, 1_499].map((index) => {
        records[index] = { ...(records[index] as CompletionRecord), userId: 'refused' };
        return records[index]?.requestId;
      });
      expect(await test.ledger.record(records)).toEqual({ ...nothing, inserted: 1_496, rejected: 4 });
      const kept = await test.rows<{ request_id: string; reason: string }>(
        'SELECT request_id, reason FROM rejected_completions ORDER BY 1',
      );
      expect(kept.map(({ request_id }) => request_id)).toEqual(bad);
      expect(kept[0]?.reason).toContain('test_refuses');
    } finally {
      await test.rows('ALTER TABLE llm_requests DROP CONSTRAINT test_refuses');
    }
  });

  it('takes texts of clients that a database would choke on', async () => {
    const feature = `a\0b"\\{},NULL\u{1F600}\uD800`;
    const record = sampleRecord({ featureName: feature, userId: 'u'.repeat(10_000), teamId: '' });
    expect(await test.ledger.record([record])).toEqual({ ...nothing, inserted: 1 });
    const [row] = await test.rows<Record<string, string | null>>('SELECT * FROM llm_requests');
    expect(row?.['feature_name']).toBe(`ab"\\{},NULL\u{1F600}\uFFFD`);
    expect(row?.['user_id']).toHaveLength(200);
    expect(row?.['team_id']).toBeNull();
  });

  it('keeps no unknown fields of a record it sets aside', async () => {
    const record = { ...sampleRecord({ baselineNanoUsd: 1 }), answer: 'the secret words' };
    expect(await test.ledger.record([record])).toMatchObject({ rejected: 1 });
    const [row] = await test.rows<{ record: string }>('SELECT record FROM rejected_completions');
    expect(row?.record).not.toContain('secret');
  });

  it('keeps a record of a day without a partition, and counts it once when the partition comes later', async () => {
    const oldMs = Date.UTC(2020, 1, 29, 23, 59, 59, 999);
    const records = [oldMs, oldMs + 1, Date.now()].map((createdAtMs, i) =>
      sampleRecord({ createdAtMs, requestId: `req_${i}` }),
    );
    expect(await test.ledger.record(records)).toMatchObject({ inserted: 3 });
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, rowsInDefaultPartition: 2 });
    await test.rows(`SELECT costlane_ensure_partitions('2020-02-29', '2020-02-29')`);
    expect(await test.ledger.check()).toMatchObject({ requests: 3, rowsInDefaultPartition: 1 });
    expect(await test.rows('SELECT request_id FROM llm_requests_20200229')).toEqual([{ request_id: 'req_0' }]);
    expect(await test.ledger.record(records)).toEqual({ ...nothing, duplicates: 3 });
  });

  it('loses nothing while partitions are attached under it', async () => {
    const days = Array.from({ length: 12 }, (_, i) => Date.UTC(2021, 0, 1 + i, 12));
    const batches = Array.from({ length: 12 }, (_, b) =>
      Array.from({ length: 48 }, (_, i) =>
        sampleRecord({ requestId: `req_${b}_${i}`, createdAtMs: (days[i % 12] ?? 0) + b }),
      ),
    );
    const attached = (async () => {
      for (let day = 1; day <= 12; day++)
        await test.rows(`SELECT costlane_ensure_partitions(make_date(2021, 1, ${day}), make_date(2021, 1, ${day}))`);
    })();
    const outcomes = await Promise.all(batches.map((batch) => test.ledger.record(batch)));
    await attached;
    expect(outcomes.reduce((total, { inserted }) => total + inserted, 0)).toBe(12 * 48);
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: 12 * 48,
      rejectedRecords: 0,
      rowsInDefaultPartition: 0,
    });
  });

  it('adds up to the nano-dollar over 5,000 records of any kind, delivered up to three times in any order', async () => {
    const records = fc.sample(anyRecord, { numRuns: 5_000, seed: 20_261_121 });
    const unique = [...new Map(records.map((record) => [record.requestId, record])).values()];
    for (let round = 0; round < 3; round++) {
      const order = round === 0 ? unique : [...unique].sort((a, b) => (a.attempt < b.attempt ? -1 : 1));
      const share = order.slice(0, unique.length - round * 100);
      for (let from = 0; from < share.length; from += 700)
        expect((await test.ledger.record(share.slice(from, from + 700))).rejected).toBe(0);
    }
    expect(await test.ledger.summary()).toMatchObject({
      requests: unique.length,
      paidNanoUsd: sum(unique, (record) => record.paidNanoUsd),
      baselineNanoUsd: sum(unique, (record) => record.baselineNanoUsd),
      savings: {
        cache: sum(unique, (record) => record.savings.cache),
        routing: sum(unique, (record) => record.savings.routing),
        prefix: sum(unique, (record) => record.savings.prefix),
        batching: sum(unique, (record) => record.savings.batching),
      },
      duplicateCompletions: 0,
    });
    const acme = unique.filter(({ tenantId }) => tenantId === 'acme');
    expect(await test.ledger.summary({ tenantId: 'acme' })).toMatchObject({
      requests: acme.length,
      paidNanoUsd: sum(acme, (record) => record.paidNanoUsd),
    });
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: unique.length,
      differenceNanoUsd: 0n,
    });
  }, 60_000);

  it('sums what came in since a moment', async () => {
    const now = Date.now();
    const records = [now - 2_000, now - 1_000, now].map((createdAtMs, i) =>
      sampleRecord({ createdAtMs, requestId: `req_${i}` }),
    );
    await test.ledger.record(records);
    expect((await test.ledger.summary({ since: new Date(now - 1_000) })).requests).toBe(2);
  });

  it('tells requests of models without a price apart from free ones', async () => {
    const free = { paidNanoUsd: 0, baselineNanoUsd: 0, savings: { cache: 0, routing: 0, prefix: 0, batching: 0 } };
    await test.ledger.record([
      sampleRecord({ ...free, requestId: 'req_unpriced', priceVersion: undefined }),
      sampleRecord({ ...free, requestId: 'req_refused', priceVersion: undefined, upstreamCalls: 0 }),
      sampleRecord({ requestId: 'req_priced' }),
    ]);
    expect(await test.ledger.summary()).toMatchObject({ requests: 3, unpricedRequests: 1 });
  });

  it('sees a request that stands in the books twice', async () => {
    const record = sampleRecord();
    await test.ledger.record([record, sampleRecord({ createdAtMs: record.createdAtMs - 5 })]);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: false, requestsChargedTwice: 1 });
  });

  it('throws when the tables are missing, so that the batch comes again', async () => {
    const unmigrated = await startTestLedger({ isMigrated: false });
    try {
      const recording = unmigrated.ledger.record([sampleRecord()]);
      await expect(recording).rejects.toBeInstanceOf(DatabaseError);
      await expect(recording).rejects.toMatchObject({ isDataError: false });
    } finally {
      await unmigrated.end();
    }
  });
});
