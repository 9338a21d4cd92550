import { createLogger, createMetrics } from '@costlane/platform';
import { createPriceCatalog } from '@costlane/pricing';
import { Cancellation } from '@costlane/resilience';
import { sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { configSchema } from './config';
import { assembleProviders, type Providers } from './prefix/assemble-providers';
import { providersOf } from './providers.config';
import { runJob } from './work/run-job';

/** $1.50 a million tokens in, $9 out, $0.15 for what is read from the cache; flex at half of it. */
const model = 'gemini-3.5-flash';

describe('a worker with Gemini', () => {
  const catalog = createPriceCatalog();
  let mock: MockLlm;
  let providers: Providers;

  beforeEach(async () => {
    mock = await startMockLlm();
    const config = configSchema.parse({ GOOGLE_BASE_URL: mock.url, GOOGLE_API_KEY: 'k' });
    const deps = { logger: createLogger({ service: 's', level: 'silent' }), metrics: createMetrics({ service: 's' }) };
    providers = assembleProviders(providersOf(config), config, deps);
  });
  afterEach(async () => {
    for (const adapter of providers.adapters.values()) await adapter.close();
    await mock.close();
  });
  afterAll(() => catalog.close());

  const run = async (more: object = {}) => {
    const found = catalog.find({ provider: 'google', model });
    if (!found.ok) throw new Error('the price is missing');
    const body = Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi.' }], ...more }));
    const header = { provider: 'google', upstreamModel: model };
    const { record, answer } = await runJob(sampleJob(header, { body }), {
      attempt: 'a',
      adapter: providers.adapters.get('google'),
      callProvider: providers.callProvider,
      price: found.value.price,
      signal: new Cancellation(),
      emit: () => true,
      onResume: () => undefined,
      now: Date.now,
    });
    return { record, answer: JSON.parse(String(answer)) as object };
  };

  it('answers in OpenAI’s words, and charges thoughts on top of the answer', async () => {
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10, reasoningTokens: 90 });
    const { record, answer } = await run({ reasoning_effort: 'low' });
    expect(answer).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
    expect(record).toMatchObject({
      httpStatus: 200,
      usageSource: 'provider',
      paidNanoUsd: 1_000 * 1_500 + 100 * 9_000,
    });
  });

  it('charges what is read from the cache once, at its own price', async () => {
    mock.state.setBehaviour({ promptTokens: 5_000, cachedTokens: 4_096, outputTokens: 10 });
    const { record } = await run();
    const paidNanoUsd = 904 * 1_500 + 4_096 * 150 + 10 * 9_000;
    expect(record).toMatchObject({ paidNanoUsd, savings: { prefix: 4_096 * 1_350 } });
  });

  it('charges the tier that the request was served in, and not the one that was asked for', async () => {
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10 });
    const standardNanoUsd = 1_000 * 1_500 + 10 * 9_000;
    expect((await run({ service_tier: 'flex' })).record.paidNanoUsd).toBe(standardNanoUsd / 2);
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10, serviceTier: 'standard' });
    expect((await run({ service_tier: 'priority' })).record.paidNanoUsd).toBe(standardNanoUsd);
  });

  it('refuses what cannot be said to Gemini with the name of the field, and charges nothing', async () => {
    const { record, answer } = await run({ logprobs: true });
    expect(record).toMatchObject({ httpStatus: 400, errorCode: 'invalid_request', paidNanoUsd: 0 });
    expect(answer).toMatchObject({ field: 'logprobs' });
    expect(mock.state.stats().totalCalls).toBe(0);
  });
});
