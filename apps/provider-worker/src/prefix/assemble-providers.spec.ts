import { createLogger, createMetrics } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { freePort, sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { configSchema } from '../config';
import { providersOf } from '../providers.config';
import { samplePrice } from '../testing/fakes';
import { runJob } from '../work/run-job';
import { assembleProviders, type Providers } from './assemble-providers';

const bodyOf = (topic: string, question: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'system', content: `${topic} `.repeat(2_000) },
        { role: 'user', content: question },
      ],
    }),
  );

describe('providers with the prefix tier', () => {
  const open: { close(): Promise<void> }[] = [];
  const mock = async (options = {}): Promise<MockLlm> => {
    const server = await startMockLlm(options);
    open.push(server);
    return server;
  };
  const assembled = (settings: Record<string, string>): Providers => {
    const config = configSchema.parse(settings);
    const logger = createLogger({ service: 'spec', level: 'silent' });
    const providers = assembleProviders(providersOf(config), config, {
      logger,
      metrics: createMetrics({ service: 's' }),
    });
    open.push(...providers.adapters.values());
    return providers;
  };
  const run = ({ adapters, callProvider }: Providers, provider: string, body: Buffer, requestId = 'r') =>
    runJob(sampleJob({ provider, requestId }, { body }), {
      attempt: 'a',
      adapter: adapters.get(provider),
      callProvider,
      price: samplePrice,
      signal: new Cancellation(),
      emit: () => true,
      onResume: () => undefined,
      now: Date.now,
    });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  it('turns tokens that a provider had cached into prefix savings on the record', async () => {
    const { url } = await mock();
    const providers = assembled({ OPENAI_BASE_URL: `${url}/v1` });
    const first = await run(providers, 'openai', bodyOf('law', 'one'));
    const second = await run(providers, 'openai', bodyOf('law', 'two'));
    expect(first.record.savings.prefix).toBe(0);
    const read = second.record.usage?.cacheReadTokens ?? 0;
    expect(read).toBeGreaterThanOrEqual(1_024);
    // Reads cost a tenth of the list price of 1,000 nano-dollars a token.
    expect(second.record.savings.prefix).toBe(read * 900);
    const { baselineNanoUsd, paidNanoUsd } = second.record;
    expect(baselineNanoUsd - paidNanoUsd).toBe(second.record.savings.prefix);
  });

  it('keeps each prompt on one of several vLLM servers, and uses all of them', async () => {
    const servers = await Promise.all([mock(), mock(), mock()]);
    const providers = assembled({ VLLM_BASE_URL: servers.map(({ url }) => `${url}/v1`).join(', ') });
    const topics = Array.from({ length: 12 }, (_, i) => `topic${i}`);
    for (const topic of topics) await run(providers, 'vllm', bodyOf(topic, 'first'));
    const again = await Promise.all(topics.map((topic) => run(providers, 'vllm', bodyOf(topic, 'second'), topic)));
    for (const { record } of again) expect(record.usage?.cacheReadTokens).toBeGreaterThanOrEqual(1_024);
    expect([...providers.adapters.keys()]).toEqual(['vllm']);
  });

  it('goes on with the other servers when one is down', async () => {
    const { url } = await mock();
    const dead = `http://127.0.0.1:${await freePort()}/v1`;
    const providers = assembled({ VLLM_BASE_URL: `${dead},${url}/v1` });
    const runs = await Promise.all(
      Array.from({ length: 12 }, (_, i) => run(providers, 'vllm', bodyOf(`topic${i}`, 'q'), `r${i}`)),
    );
    expect(runs.map(({ record }) => record.httpStatus)).toEqual(runs.map(() => 200));
  });

  it('calls a provider with nothing added when the tier is switched off, several servers included', async () => {
    const servers = await Promise.all([mock({ behaviour: { echo: true } }), mock({ behaviour: { echo: true } })]);
    const urls = servers.map(({ url }) => `${url}/v1`).join(',');
    const providers = assembled({ VLLM_BASE_URL: urls, CACHE_PREFIX_ENABLED: 'false' });
    const { body } = await run(providers, 'vllm', bodyOf('law', 'one')).then(({ answer }) => ({
      body: String(answer),
    }));
    expect(body).not.toContain('cache_salt');
    expect(body).toContain('law law');
  });

  it('refuses a list of servers with something in it that is no URL', () => {
    expect(configSchema.safeParse({ VLLM_BASE_URL: 'http://a/v1,b' }).success).toBe(false);
    expect(configSchema.parse({ VLLM_BASE_URL: ' http://a/v1 , http://b/v1,' }).VLLM_BASE_URL).toEqual([
      'http://a/v1',
      'http://b/v1',
    ]);
  });
});
