import { createLogger, createMetrics } from '@costlane/platform';
import { createPriceCatalog } from '@costlane/pricing';
import { Cancellation } from '@costlane/resilience';
import { sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { configSchema } from './config';
import { assembleProviders, type Providers } from './prefix/assemble-providers';
import { providersOf } from './providers.config';
import { runJob } from './work/run-job';

/** $2.50 a million billed units in, read from a cache or not, $10 out. */
const model = 'command-a-03-2025';

describe('a worker with Cohere', () => {
  const catalog = createPriceCatalog();
  let mock: MockLlm;
  let providers: Providers;

  beforeEach(async () => {
    mock = await startMockLlm();
    const config = configSchema.parse({ COHERE_BASE_URL: mock.url, COHERE_API_KEY: 'k' });
    const deps = { logger: createLogger({ service: 's', level: 'silent' }), metrics: createMetrics({ service: 's' }) };
    providers = assembleProviders(providersOf(config), config, deps);
  });
  afterEach(async () => {
    for (const adapter of providers.adapters.values()) await adapter.close();
    await mock.close();
  });
  afterAll(() => catalog.close());

  const run = async (more: object = {}) => {
    const found = catalog.find({ provider: 'cohere', model });
    if (!found.ok) throw new Error('the price is missing');
    const body = Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi.' }], ...more }));
    const header = { provider: 'cohere', upstreamModel: model };
    const { record, answer } = await runJob(sampleJob({ ...header, stream: 'stream' in more }, { body }), {
      attempt: 'a',
      adapter: providers.adapters.get('cohere'),
      callProvider: providers.callProvider,
      price: found.value.price,
      signal: new Cancellation(),
      emit: () => true,
      onResume: () => undefined,
      now: Date.now,
    });
    return { record, answer: 'stream' in more ? {} : (JSON.parse(String(answer)) as object) };
  };

  it('answers in OpenAI’s words, and charges the units that were billed', async () => {
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10 });
    const { record, answer } = await run();
    expect(answer).toMatchObject({ object: 'chat.completion', model, choices: [{ finish_reason: 'stop' }] });
    expect(record).toMatchObject({
      httpStatus: 200,
      modelUsed: model,
      usageSource: 'provider',
      paidNanoUsd: 1_000 * 2_500 + 10 * 10_000,
    });
  });

  it('charges what was found in the cache as it is billed, and takes no saving for it', async () => {
    mock.state.setBehaviour({ promptTokens: 5_000, cachedTokens: 4_096, outputTokens: 10 });
    const { record } = await run();
    expect(record).toMatchObject({
      usage: { freshInputTokens: 904, cacheReadTokens: 4_096 },
      paidNanoUsd: 5_000 * 2_500 + 10 * 10_000,
      savings: { prefix: 0 },
    });
  });

  it('charges a stream as it charges a whole answer', async () => {
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10 });
    expect((await run({ stream: true })).record.paidNanoUsd).toBe((await run()).record.paidNanoUsd);
  });

  it('refuses what cannot be said to Cohere with the name of the field, and charges nothing', async () => {
    const { record, answer } = await run({ n: 2 });
    expect(record).toMatchObject({ httpStatus: 400, errorCode: 'invalid_request', paidNanoUsd: 0 });
    expect(answer).toMatchObject({ field: 'n' });
    expect(mock.state.stats().totalCalls).toBe(0);
  });
});
