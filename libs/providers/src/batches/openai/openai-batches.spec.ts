import { startMockLlm, type MockLlm } from '@costlane/testing';
import type { BatchItem, BatchItemResult, ProviderBatches } from '../provider-batches';
import { createProviderBatches } from '../create-batches';
import { describeProviderBatchesContract } from '../testing/describe-provider-batches-contract';

const create = (mockUrl: string): ProviderBatches => {
  const config = { name: 'openai', kind: 'openai-compatible', baseUrl: `${mockUrl}/v1`, apiKey: 'sk-test' } as const;
  const batches = createProviderBatches(config, { baseDelayMs: 1 });
  if (!batches) throw new Error('no batches');
  return batches;
};

const messages = (content: string) => [{ role: 'user', content }];
const body = (value: object): Buffer => Buffer.from(JSON.stringify(value, null, 2));

describeProviderBatchesContract('openai, chat', {
  create,
  provider: 'openai',
  dialect: 'openai.chat',
  body: (content) => body({ model: 'gpt-4o-mini', messages: messages(content) }),
  textOf: (answer) =>
    (JSON.parse(answer.toString()) as { choices: { message: { content: unknown } }[] }).choices[0]?.message.content,
  strangeDialect: 'anthropic.messages',
});

describeProviderBatchesContract('openai, responses', {
  create,
  provider: 'openai',
  dialect: 'openai.responses',
  body: (content) => body({ model: 'gpt-4o-mini', input: content }),
  textOf: (answer) => JSON.stringify((JSON.parse(answer.toString()) as { output: unknown }).output),
  strangeDialect: 'anthropic.messages',
});

describe("files of OpenAI's batches", () => {
  let mock: MockLlm;
  let batches: ProviderBatches;

  beforeEach(async () => {
    mock = await startMockLlm();
    batches = create(mock.url);
  });
  afterEach(async () => {
    await batches.close();
    await mock.close();
  });

  async function resultsOf(dialect: BatchItem['dialect'], value: object): Promise<BatchItemResult[]> {
    const items = ['a', 'b'].map((customId): BatchItem => ({ customId, dialect, body: body(value) }));
    const outcome = await batches.submit(items, { batchKey: 'key-1' });
    if (!outcome.ok) throw outcome.error;
    expect((await batches.status(outcome.providerBatchId)).hasResults).toBe(true);
    const results: BatchItemResult[] = [];
    for await (const result of batches.results(outcome.providerBatchId, { dialect })) results.push(result);
    return results;
  }

  it('have vectors for texts', async () => {
    const embeddings = { model: 'text-embedding-3-small', input: ['a river', 'a lake'] };
    const results = await resultsOf('openai.embeddings', embeddings);
    expect(results).toHaveLength(2);
    for (const { outcome } of results) {
      expect(outcome).toMatchObject({ ok: true, serviceTier: 'batch', usageSource: 'provider', isCacheable: true });
      expect(JSON.parse(String(outcome.body))).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
    }
  });

  it('are read where there are none but of errors, because nothing was answered', async () => {
    const question = { model: 'gpt-4o-mini', messages: messages('[[mock: status=429]]') };
    const results = await resultsOf('openai.chat', question);
    expect(results.map(({ outcome }) => outcome.ok || outcome.error.code)).toEqual(
      Array.from({ length: 2 }, () => 'upstream_rate_limited'),
    );
  });
});
