import type { ProviderBatches } from '../provider-batches';
import { createProviderBatches } from '../create-batches';
import { describeProviderBatchesContract } from '../testing/describe-provider-batches-contract';

const create = (mockUrl: string): ProviderBatches => {
  const config = { name: 'anthropic', kind: 'anthropic', baseUrl: mockUrl, apiKey: 'sk-ant-test' } as const;
  const batches = createProviderBatches(config, { baseDelayMs: 1 });
  if (!batches) throw new Error('no batches');
  return batches;
};

const body = (content: string): Buffer =>
  Buffer.from(JSON.stringify({ model: 'claude-opus-4-8', max_tokens: 200, messages: [{ role: 'user', content }] }));

describeProviderBatchesContract('anthropic, its own dialect', {
  create,
  provider: 'anthropic',
  dialect: 'anthropic.messages',
  body,
  textOf: (answer) => (JSON.parse(answer.toString()) as { content: { text: unknown }[] }).content[0]?.text,
  strangeDialect: 'openai.responses',
});

describeProviderBatchesContract('anthropic, translated', {
  create,
  provider: 'anthropic',
  dialect: 'openai.chat',
  body,
  textOf: (answer) =>
    (JSON.parse(answer.toString()) as { choices: { message: { content: unknown } }[] }).choices[0]?.message.content,
  strangeDialect: 'openai.embeddings',
});
