import type { JobHeader } from '@costlane/contracts';
import { createLogger, createMetrics } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { freePort, sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { createConfidence } from '../confidence/create-confidence';
import { configSchema } from '../config';
import { assembleProviders } from '../prefix/assemble-providers';
import { providersOf } from '../providers.config';
import { samplePrice } from '../testing/fakes';
import { runJob } from './run-job';

type Behaviour = NonNullable<NonNullable<Parameters<typeof startMockLlm>[0]>['behaviour']>;

describe('a chain over the wire', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  /** Asks the first server, which behaves as said, then the other one, which does well. */
  async function run(behaviour: Behaviour | 'down', header: Partial<JobHeader> = {}) {
    const started = async (options: Behaviour): Promise<MockLlm> => {
      const mock = await startMockLlm({ behaviour: options });
      open.push(mock);
      return mock;
    };
    const first = behaviour === 'down' ? `http://127.0.0.1:${await freePort()}` : (await started(behaviour)).url;
    const other = (await started({})).url;
    const config = configSchema.parse({ OPENAI_BASE_URL: `${first}/v1`, VLLM_BASE_URL: `${other}/v1` });
    const metrics = createMetrics({ service: 'spec' });
    const logger = createLogger({ service: 'spec', level: 'silent' });
    const { adapters, callProvider } = assembleProviders(providersOf(config), config, { logger, metrics });
    open.push(...adapters.values());
    const stream = header.stream === true;
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: 'What is two and two?' }],
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    };
    const fallbacks = [{ provider: 'vllm', model: 'n', upstreamModel: 'n', tier: 'premium' as const }];
    const parts: string[] = [];
    const job = sampleJob(
      { provider: 'openai', tier: 'economy', fallbacks, ...header },
      { body: Buffer.from(JSON.stringify(body)) },
    );
    const finished = await runJob(job, {
      attempt: 'a',
      adapter: adapters.get('openai'),
      price: samplePrice,
      meansOf: ({ provider }) => ({ adapter: adapters.get(provider), price: samplePrice }),
      confidence: createConfidence({ metrics, maxShare: 1 }),
      callProvider,
      signal: new Cancellation(),
      emit: (kind, _, value) => parts.push(`${kind} ${value.toString()}`) > 0,
      onResume: () => undefined,
      now: Date.now,
    });
    return { finished, parts, record: finished.record };
  }

  it.each<[string, Behaviour | 'down', boolean]>([
    ['is overloaded', { status: 503 }, false],
    ['is overloaded, of a stream', { status: 503 }, true],
    ['is down', 'down', false],
    ['sends broken JSON', { malformed: true }, false],
    ['has no credit left', { status: 429, errorType: 'insufficient_quota' }, false],
  ])('goes on where the first %s', async (_, behaviour, stream) => {
    const { finished, record } = await run(behaviour, { stream });
    expect(record).toMatchObject({ httpStatus: 200, provider: 'vllm', modelUsed: 'n', usageSource: 'provider' });
    expect(finished.reply.routeSteps).toMatchObject([{ model: 'm', provider: 'openai' }]);
  });

  it.each<[Behaviour['answer'], boolean]>([
    ['refusal', false],
    ['refusal', true],
    ['empty', false],
    ['empty', true],
  ])('asks the stronger model in the place of an answer that is %s (streamed: %s)', async (answer, stream) => {
    const { record, parts } = await run({ answer }, { stream, confidence: { minTokenProbability: 0.5 } });
    expect(record).toMatchObject({
      provider: 'vllm',
      upstreamCalls: 2,
      otherCalls: [{ reason: 'low_confidence', provider: 'openai', detail: answer, usageSource: 'provider' }],
    });
    const { cache, routing, prefix, batching } = record.savings;
    expect(record.baselineNanoUsd - record.paidNanoUsd).toBe(cache + routing + prefix + batching);
    if (stream) expect(parts.filter((part) => part.startsWith('h')).length).toBe(1);
  });

  it('asks the stronger model for JSON that does not fit', async () => {
    const schema = { type: 'object', required: ['never'], properties: { never: { type: 'string' } } };
    const confidence = { minTokenProbability: 0.5, json: { schema } };
    const { record } = await run({ answer: 'other_json' }, { confidence });
    expect(record.otherCalls).toMatchObject([
      { reason: 'low_confidence', detail: expect.stringMatching(/schema|json/) },
    ]);
  });

  it('leaves a good answer, streamed or not, as it is', async () => {
    for (const stream of [false, true]) {
      const { record, finished } = await run({}, { stream, confidence: { minTokenProbability: 0.5 } });
      expect([record.provider, record.upstreamCalls, finished.reply.routeSteps]).toEqual(['openai', 1, undefined]);
    }
  });
});
