import { credentials, type ServiceError } from '@grpc/grpc-js';
import { BooksServiceClient, BooksServiceService, type BooksReply } from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { HealthRegistry, startGrpcServer } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { createBooksRpc } from '../books/books.rpc';
import { describeWithServers, quiet, testRecord } from '../testing/test-stream';
import { createReconcileRpc } from './reconcile.rpc';

const usage = (changes: object) => ({
  usage: {
    freshInputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteShortTokens: 0,
    cacheWriteLongTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    ...changes,
  },
});
const at = (time: string) => ({ createdAtMs: Date.parse(time), finishedAtMs: Date.parse(time) + 100 });
const hit = { paidNanoUsd: 0, savings: { cache: 1_000, routing: 0, prefix: 0, batching: 0 } };
const ofOpenAi = { provider: 'openai', modelUsed: 'gpt-4o' };
const page = (input: number, cached: number, output: number) =>
  JSON.stringify({
    object: 'page',
    data: [
      {
        object: 'bucket',
        start_time: Date.parse('2026-11-20') / 1_000,
        results: [
          {
            object: 'organization.usage.completions.result',
            input_tokens: input,
            input_cached_tokens: cached,
            output_tokens: output,
            model: 'gpt-4o-2024-08-06',
          },
        ],
      },
    ],
  });

describeWithServers('BooksService.Reconcile', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let server: Awaited<ReturnType<typeof startGrpcServer>>;
  let client: BooksServiceClient;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    const reconcile = createReconcileRpc({ ledger, logger: quiet });
    const implementation = createBooksRpc({ ledger, logger: quiet, others: { reconcile } });
    const services = [{ definition: BooksServiceService, implementation }];
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger: quiet,
      health: new HealthRegistry(),
      services,
    });
    client = new BooksServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const asked = {
      ...ofOpenAi,
      ...usage({ freshInputTokens: 100, cacheReadTokens: 400, outputTokens: 30, reasoningTokens: 20 }),
    };
    await ledger.record([
      testRecord('req_1', { ...asked, ...at('2026-11-20T00:00:00Z') }),
      testRecord('req_2', { ...asked, ...at('2026-11-20T23:59:59Z'), tenantId: 'globex' }),
      // A hit, another provider and another day: nothing that OpenAI would count on this one.
      testRecord('req_3', { ...asked, ...at('2026-11-20T01:00:00Z'), cacheTier: 'exact', upstreamCalls: 0, ...hit }),
      testRecord('req_4', { ...asked, ...at('2026-11-20T02:00:00Z'), provider: 'azure' }),
      testRecord('req_5', { ...asked, ...at('2026-11-21T00:00:00Z') }),
    ]);
    await ledger.record([
      testRecord('req_1', {
        ...asked,
        ...at('2026-11-20T00:00:00Z'),
        attempt: 'a2',
        paidNanoUsd: 40,
        savings: { cache: 0, routing: 860, prefix: 100, batching: 0 },
      }),
    ]);
    await ledger.rollups.run();
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await ledger.close();
    await scratch.drop();
  });
  const ask = (provider: string, upload: object | string) =>
    new Promise<Record<string, unknown>>((resolve, reject) =>
      client.reconcile(
        { provider, usageJson: typeof upload === 'string' ? upload : JSON.stringify(upload) },
        (error: ServiceError | null, reply: BooksReply) =>
          error ? reject(error) : resolve(JSON.parse(reply.json) as Record<string, unknown>),
      ),
    );

  it('finds that the books and the provider agree, whichever tenants the requests were of', async () => {
    const report = await ask('openai', { export: page(1_000, 800, 100) });
    expect(report).toMatchObject({
      provider: 'openai',
      export_kind: 'openai.usage',
      from: '2026-11-20',
      to: '2026-11-20',
      tolerance_percent: 0.5,
      verdict: 'matches',
      matched_names: { 'gpt-4o': ['gpt-4o', 'gpt-4o-2024-08-06'] },
      compared: 1,
      differing: 0,
    });
    expect(report['days']).toMatchObject([
      {
        tokens: {
          uncached_input: { ours: '200', theirs: '200', drift: '0', drift_percent: 0 },
          cache_read: { ours: '800', theirs: '800' },
          all_output: { ours: '100', theirs: '100' },
        },
        cost_nano_usd: null,
        duplicate_paid_nano_usd: '40',
      },
    ]);
  });

  it('reports what drifts, and by how much', async () => {
    const report = await ask('openai', { export: page(1_100, 800, 100), tolerance_percent: 2 });
    expect(report).toMatchObject({
      verdict: 'differs',
      differing: 1,
      totals: { tokens: { uncached_input: { drift: '100', drift_percent: 33.3333 } } },
    });
  });

  it('reads CSV, and costs', async () => {
    const csv =
      'day,model,token_class,tokens,cost_usd\n2026-11-20,gpt-4o,output,60,0.0000014\n2026-11-20,gpt-4o,reasoning,40,';
    const report = await ask('openai', { export: csv, format: 'csv', tolerance_percent: 0 });
    expect(report).toMatchObject({ verdict: 'matches', totals: { cost_nano_usd: { ours: '1400', theirs: '1400' } } });
  });

  it.each([
    ['provider', '', { export: page(1, 0, 1) }],
    ['usage_json', 'openai', '{'],
    ['tolerance_percent', 'openai', { export: page(1, 0, 1), tolerance_percent: -1 }],
    ['export', 'openai', { format: 'csv' }],
    ['body', 'openai', { export: '{"data":[]}' }],
    ['start_time', 'openai', { export: '{"data":[{"results":[]}]}' }],
  ])('refuses a wrong %s, naming it', async (field, provider, upload) => {
    await expect(ask(provider, upload)).rejects.toMatchObject({ code: 3, details: expect.stringContaining(field) });
  });
});
