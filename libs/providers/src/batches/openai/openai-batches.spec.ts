import type { ProviderBatches } from '../provider-batches';
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
