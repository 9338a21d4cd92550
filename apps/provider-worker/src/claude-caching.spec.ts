import type { ModelPrice } from '@costlane/domain';
import { createLogger, createMetrics } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { configSchema } from './config';
import { assembleProviders, type Providers } from './prefix/assemble-providers';
import { providersOf } from './providers.config';
import { samplePrice } from './testing/fakes';
import { runJob } from './work/run-job';

const model = 'claude-sonnet-4-5';
/** Sonnet's, in dollars per million: reads cost a tenth, writes a quarter more. */
const price: ModelPrice = {
  ...samplePrice,
  provider: 'anthropic',
  model,
  perMillion: { freshInput: '3', cacheRead: '0.3', cacheWriteShort: '3.75', cacheWriteLong: '6', output: '15' },
};

const bodyOf = (question: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'The law says so. '.repeat(1_000) },
        { role: 'user', content: question },
      ],
    }),
  );

describe('a worker with Claude', () => {
  let mock: MockLlm;
  let providers: Providers;
  beforeEach(async () => {
    mock = await startMockLlm();
  });
  afterEach(async () => {
    for (const adapter of providers.adapters.values()) await adapter.close();
    await mock.close();
  });

  const assemble = (settings: Record<string, string> = {}): void => {
    const config = configSchema.parse({ ANTHROPIC_BASE_URL: mock.url, ANTHROPIC_API_KEY: 'k', ...settings });
    const deps = { logger: createLogger({ service: 's', level: 'silent' }), metrics: createMetrics({ service: 's' }) };
    providers = assembleProviders(providersOf(config), config, deps);
  };
  const run = async (question: string, body = bodyOf(question)) => {
    const header = { provider: 'anthropic', upstreamModel: model, requestId: question };
    const { record, answer } = await runJob(sampleJob(header, { body }), {
      attempt: 'a',
      adapter: providers.adapters.get('anthropic'),
      callProvider: providers.callProvider,
      price,
      signal: new Cancellation(),
      emit: () => true,
      onResume: () => undefined,
      now: Date.now,
    });
    return { record, answer: JSON.parse(String(answer)) as object };
  };

  it('answers in OpenAI’s words, and charges what Anthropic does', async () => {
    assemble();
    mock.state.setBehaviour({ promptTokens: 1_000, outputTokens: 10 });
    const { record, answer } = await run(
      'one',
      Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'Hi.' }] })),
    );
    expect(answer).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
    expect(record).toMatchObject({
      httpStatus: 200,
      paidNanoUsd: 1_000 * 3_000 + 10 * 15_000,
      usageSource: 'provider',
    });
  });

  it('marks a prompt that comes again for Anthropic’s cache, and turns what is read into prefix savings', async () => {
    assemble();
    const records = [];
    for (const question of ['one', 'two', 'three', 'four']) records.push((await run(question)).record);
    const [first, , , last] = records;
    expect(first?.usage).toMatchObject({ cacheReadTokens: 0, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0 });
    const read = last?.usage?.cacheReadTokens ?? 0;
    expect(read).toBeGreaterThan(4_000);
    const { baselineNanoUsd = 0, paidNanoUsd = 0 } = last ?? {};
    expect(last?.savings.prefix).toBe(baselineNanoUsd - paidNanoUsd);
    // 300 instead of 3,000 nano-dollars for each token read, less what the few that are written cost more.
    expect(last?.savings.prefix).toBeLessThanOrEqual(read * 2_700);
    expect(last?.savings.prefix).toBeGreaterThan(read * 2_600);
  });

  it('adds no marks where the caller has set its own', async () => {
    assemble();
    const rules = {
      type: 'text',
      text: 'The law says so. '.repeat(1_000),
      cache_control: { type: 'ephemeral', ttl: '1h' },
    };
    const usages = [];
    for (const question of ['one', 'two', 'three', 'four']) {
      const messages = [
        { role: 'system', content: [rules] },
        { role: 'user', content: question },
      ];
      usages.push((await run(question, Buffer.from(JSON.stringify({ model, messages })))).record.usage);
    }
    const written = usages[0]?.cacheWriteLongTokens;
    expect(written).toBeGreaterThan(4_000);
    for (const usage of usages.slice(1)) {
      expect(usage).toMatchObject({ cacheReadTokens: written, cacheWriteLongTokens: 0, cacheWriteShortTokens: 0 });
    }
  });

  it('adds no marks with the prefix tier switched off', async () => {
    assemble({ CACHE_PREFIX_ENABLED: 'false' });
    for (const question of ['one', 'two', 'three']) expect((await run(question)).record.savings.prefix).toBe(0);
  });

  it('refuses what cannot be said to Claude with the name of the field, and charges nothing', async () => {
    assemble();
    const messages = [{ role: 'user', content: 'Hi.' }];
    const { record, answer } = await run('one', Buffer.from(JSON.stringify({ messages, seed: 1 })));
    expect(record).toMatchObject({ httpStatus: 400, errorCode: 'invalid_request', paidNanoUsd: 0 });
    expect(answer).toMatchObject({ field: 'seed' });
    expect(mock.state.stats().totalCalls).toBe(0);
  });
});
