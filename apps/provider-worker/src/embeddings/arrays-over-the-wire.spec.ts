import { decodeReply } from '@costlane/contracts';
import { createLogger, createMetrics } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { sampleJob, startMockLlm, type MockLlm } from '@costlane/testing';
import { configSchema } from '../config';
import { assembleProviders } from '../prefix/assemble-providers';
import { providersOf } from '../providers.config';
import { samplePrice } from '../testing/fakes';
import { runJob } from '../work/run-job';
import { createEmbeddingArrays } from './embedding-arrays';

interface Answer {
  data: { index: number; embedding: unknown }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

describe('embedding jobs over the wire', () => {
  let mock: MockLlm;
  const open: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    mock = await startMockLlm({ behaviour: { latencyMs: 5 } });
    open.push(mock);
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  function start() {
    const config = configSchema.parse({ OPENAI_BASE_URL: `${mock.url}/v1` });
    const metrics = createMetrics({ service: 'spec' });
    const logger = createLogger({ service: 'spec', level: 'silent' });
    const { adapters, callProvider: inner } = assembleProviders(providersOf(config), config, { logger, metrics });
    open.push(...adapters.values());
    const callProvider = createEmbeddingArrays({ metrics, callsAtOnce: 2, inner });
    return async (requestId: string, input: unknown, parameters: object = {}) => {
      const body = Buffer.from(
        JSON.stringify({ model: 'text-embedding-3-small', input, dimensions: 64, ...parameters }),
      );
      const names = { provider: 'openai', model: 'text-embedding-3-small', upstreamModel: 'text-embedding-3-small' };
      const job = sampleJob({ requestId, dialect: 'openai.embeddings', ...names }, { body });
      const { value, record } = await runJob(job, {
        attempt: 'a',
        adapter: adapters.get('openai'),
        price: samplePrice,
        callProvider,
        signal: new Cancellation(),
        emit: () => true,
        onResume: () => undefined,
        now: Date.now,
      });
      return { record, answer: JSON.parse(decodeReply(value).body.toString()) as Answer };
    };
  }

  const texts = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? [`text ${i}`, `and ${i} more`] : `text ${i} é漢`));

  it.each([{}, { encoding_format: 'base64' }])(
    'give what each would have got by itself, in fewer calls: %j',
    async (parameters) => {
      const ask = start();
      const alone: Answer[] = [];
      for (const [i, text] of texts.entries()) alone.push((await ask(`alone-${i}`, text, parameters)).answer);
      const callsAlone = mock.state.stats().totalCalls;
      expect(callsAlone).toBe(40);
      const together = await Promise.all(texts.map((text, i) => ask(`r${i}`, text, parameters)));
      const calls = mock.state.stats().totalCalls - callsAlone;
      expect(calls).toBeLessThanOrEqual(6);
      for (const [i, { answer, record }] of together.entries()) {
        expect(answer.data).toEqual(alone[i]?.data);
        const { prompt_tokens: told } = answer.usage;
        // What the caller is told, what is put on record and what is paid are the same tokens, at 1,000 nano-dollars each.
        expect(record.usage?.freshInputTokens).toBe(told);
        expect(record).toMatchObject({ paidNanoUsd: told * 1_000, httpStatus: 200, usageSource: 'provider' });
      }
      const sum = (answers: readonly Answer[]): number =>
        answers.reduce((total, { usage }) => total + usage.prompt_tokens, 0);
      expect(sum(together.map(({ answer }) => answer))).toBe(sum(alone));
      expect(together.reduce((total, { record }) => total + record.upstreamCalls, 0)).toBe(calls);
    },
  );

  it('are each told by the provider what is wrong with all of them', async () => {
    const ask = start();
    const together = await Promise.all([0, 1, 2, 3, 4].map((i) => ask(`r${i}`, 'text', { dimensions: -1 })));
    for (const { record } of together)
      expect(record).toMatchObject({ httpStatus: 400, errorCode: 'upstream_rejected' });
  });
});
