import type { CompletionConsumerOptions } from '@costlane/lanes';
import { createMetrics, type Metrics, type SpanOptions } from '@costlane/platform';
import { describeWithRedis, quiet, startTestStream, testRecord, type TestStream } from '../testing/test-stream';
import { createIngestMetrics } from './ingest-metrics';
import { createIngest } from './ingest.service';

type Handlers = Pick<CompletionConsumerOptions, 'handle' | 'onUnreadable'>;

describeWithRedis('ingest', () => {
  let test: TestStream;
  let metrics: Metrics;
  let handlers: Handlers;
  const record = jest.fn();
  const spans: { name: string; options?: SpanOptions }[] = [];

  beforeEach(async () => {
    test = await startTestStream();
    metrics = createMetrics({ service: 'test' });
    record.mockReset();
    spans.length = 0;
    createIngest({
      ledger: { record },
      redis: test.redis,
      names: test.names,
      metrics: createIngestMetrics(metrics),
      tracing: {
        isEnabled: true,
        ready: Promise.resolve(),
        startSpan: (name, options) => void spans.push({ name, options }),
        shutdown: () => Promise.resolve(),
      },
      logger: quiet,
      createConsumer: (given) => {
        handlers = given;
        return { start() {}, stop: async () => undefined, lag: async () => ({ entries: 0, pending: 0 }) };
      },
    });
  });
  afterEach(() => test.end());

  const counted = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];

  it('hands the records over without the answers beside them and counts what became of them', async () => {
    record.mockResolvedValue({ inserted: 3, duplicates: 2, doubledUpstream: 1, rejected: 0 });
    await handlers.handle([{ record: testRecord('req_1'), body: Buffer.from('an answer') }]);
    expect(record).toHaveBeenCalledWith([testRecord('req_1')]);
    const results = await counted('costlane_ledger_records_total');
    expect(Object.fromEntries(results.map(({ labels, value }) => [labels['result'], value]))).toEqual({
      inserted: 3,
      duplicate: 2,
      doubled_upstream: 1,
      rejected: 0,
      unreadable: 0,
    });
    expect(await counted('costlane_duplicate_upstream_total')).toMatchObject([{ value: 1 }]);
  });

  it('has a span for every record of a sampled request, once it is stored', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const batch = [{ record: testRecord('req_1', { traceparent }) }, { record: testRecord('req_2') }];
    record.mockRejectedValueOnce(new Error('Postgres is away'));
    await expect(handlers.handle(batch)).rejects.toThrow();
    expect(spans).toEqual([]);
    record.mockResolvedValue({ inserted: 2, duplicates: 0, doubledUpstream: 0, rejected: 0 });
    await handlers.handle(batch);
    expect(spans).toMatchObject([
      {
        name: 'ledger record',
        options: { parentTraceparent: traceparent, attributes: { 'costlane.request_id': 'req_1' } },
      },
    ]);
  });

  it('rejects when the ledger does, so that the entries stay unacknowledged', async () => {
    record.mockRejectedValue(new Error('Postgres is away'));
    await expect(handlers.handle([{ record: testRecord('req_1') }])).rejects.toThrow('Postgres is away');
    expect(await counted('costlane_ledger_batch_failures_total')).toMatchObject([{ value: 1 }]);
  });

  it('keeps the records of an entry that it cannot read, without the answers', async () => {
    const fields = ['m', '{"record":{"v":2}}', 'b', 'an answer', 'm', '{"record":{"v":2}}', 'b', ''].map((f) =>
      Buffer.from(f),
    );
    handlers.onUnreadable?.({ stream: test.names.completions, id: '1-1', fields }, new Error('version 2'));
    const [letter] = await test.redis
      .xread('BLOCK', 2_000, 'STREAMS', test.names.deadLetters, '0')
      .then((reply) => reply?.[0]?.[1] ?? []);
    expect(letter?.[1]).toEqual([
      'stream',
      test.names.completions,
      'id',
      '1-1',
      'm',
      '{"record":{"v":2}}',
      'm',
      '{"record":{"v":2}}',
    ]);
  });
});
