import {
  decodeItemReply,
  decodeItemTask,
  encodeItemReply,
  encodeItemTask,
  encodeReply,
  type ReplyHeader,
} from '@costlane/contracts';
import { completion, end, header, type Asked } from '../testing/scripted-inference';
import { answerIn, itemGateway, itemOf, itemTask, jsonIn, planIn, stopItemGateways } from './testing/item-gateway';

const messages = [{ role: 'user', content: 'Hi.' }];
const embedded = Buffer.from(
  JSON.stringify({ object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }], model: 'embeds-up' }),
);
const responses = Buffer.from(
  JSON.stringify({
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello!' }] }],
  }),
);
const claudes = Buffer.from(
  JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello!' }] }),
);

interface DoorCase {
  endpoint: string;
  body: object;
  /** As the provider answers. */
  answer: Buffer;
  /** In what the provider is asked. */
  upstream: object;
  dialect: string;
  /** In what the door answers. */
  rendered: object;
}

const doors: DoorCase[] = [
  {
    endpoint: '/v1/inference',
    body: { prompt: 'Hi.', preferred_model: 'gpt-4o-mini' },
    answer: completion('Hello!'),
    upstream: { model: 'gpt-4o-mini-up', messages },
    dialect: 'openai.chat',
    rendered: { success: true, data: { request_id: 'job_1-0', text: 'Hello!', provider: 'mock' } },
  },
  {
    endpoint: '/v1/chat/completions',
    body: { model: 'gpt-4o-mini', messages },
    answer: completion('Hello!'),
    upstream: { model: 'gpt-4o-mini-up', messages },
    dialect: 'openai.chat',
    rendered: { choices: [{ message: { content: 'Hello!' } }] },
  },
  {
    endpoint: '/v1/responses',
    body: { model: 'llama', input: 'Hi.' },
    answer: completion('Hello!'),
    upstream: { model: 'llama-up', messages },
    dialect: 'openai.chat',
    rendered: { object: 'response', output: [{ content: [{ text: 'Hello!' }] }] },
  },
  {
    endpoint: '/v1/responses',
    body: { model: 'gpt', input: 'Hi.' },
    answer: responses,
    upstream: { model: 'gpt-up', input: 'Hi.' },
    dialect: 'openai.responses',
    rendered: { object: 'response', output: [{ content: [{ text: 'Hello!' }] }] },
  },
  {
    endpoint: '/v1/embeddings',
    body: { model: 'embeds', input: 'Hi.' },
    answer: embedded,
    upstream: { model: 'embeds-up', input: 'Hi.' },
    dialect: 'openai.embeddings',
    rendered: { data: [{ embedding: [0.5] }] },
  },
  {
    endpoint: '/v1/completions',
    body: { model: 'gpt-4o-mini', prompt: 'Hi.' },
    answer: completion('Hello!'),
    upstream: { model: 'gpt-4o-mini-up', messages },
    dialect: 'openai.chat',
    rendered: { object: 'text_completion', choices: [{ text: 'Hello!' }] },
  },
  {
    endpoint: '/v1/messages',
    body: { model: 'claude', max_tokens: 50, messages },
    answer: claudes,
    upstream: { model: 'claude-up', max_tokens: 50, messages },
    dialect: 'anthropic.messages',
    rendered: { type: 'message', content: [{ text: 'Hello!' }] },
  },
];

const answering =
  (body: Buffer) =>
  ({ listener }: Asked): void =>
    listener.whole({ ...end(), form: 'json', body });

/** As a provider's Batch API answered: at half the price. */
const byBatch: ReplyHeader = header({
  paidNanoUsd: 600,
  savings: { cache: 0, routing: 500, prefix: 300, batching: 600 },
});

afterEach(stopItemGateways);

describe.each(doors)('an item for $endpoint as $dialect', ({ endpoint, body, answer, upstream, dialect, rendered }) => {
  it('is executed as its caller would have asked it', async () => {
    const gateway = await itemGateway({ onAsk: answering(answer) });
    const before = Date.now();
    const reply = answerIn(await gateway.run({ item: itemOf(endpoint, body) }));
    expect(reply).toMatchObject({ status: 200, contentType: 'application/json', isRetryable: false });
    expect(reply).toMatchObject({ paidNanoUsd: 1_200, cacheTier: 'miss' });
    expect(reply.errorCode).toBeUndefined();
    expect(jsonIn(reply)).toMatchObject(rendered);
    const [asked] = gateway.asked;
    expect(asked?.request).toMatchObject({ recordId: 'job_1-0', endpoint, dialect, priority: 'batch', stream: false });
    expect(asked?.request.caller).toMatchObject({ tenantId: 'acme', keyId: 'key_1', role: 'member' });
    // One try has a minute here, though the job has an hour.
    expect(asked?.request.deadlineAtMs).toBeGreaterThanOrEqual(before + 60_000);
    expect(asked?.request.deadlineAtMs).toBeLessThan(before + 100_000);
    expect(gateway.events.ended).toHaveLength(1);
  });

  it('is planned for a Batch API, and its answer from there rendered as the door renders it', async () => {
    const gateway = await itemGateway();
    const item = itemOf(endpoint, body);
    const deadlineAtMs = Date.now() + 86_400_000;
    const reply = await gateway.run({ mode: 'plan', deadlineAtMs, item });
    // As it travels and is kept.
    const plan = planIn(decodeItemReply(encodeItemReply(reply ?? answerIn(reply))));
    expect(plan.header).toMatchObject({ requestId: 'job_1-0', endpoint, dialect, tenantId: 'acme', replyTo: '' });
    expect(plan.header).toMatchObject({ stream: false, deadlineAtMs, fingerprint: expect.any(String) });
    expect(JSON.parse(plan.body.toString())).toMatchObject(upstream);
    expect(gateway.events).toEqual({ ended: [], left: 0, refused: [] });
    expect(gateway.hits).toEqual([]);

    const rendering = { plan, reply: encodeReply(byBatch, answer) };
    const task = decodeItemTask(encodeItemTask(itemTask({ mode: 'render', item, rendering })));
    const answered = answerIn(await gateway.run(task));
    expect(answered).toMatchObject({ status: 200, paidNanoUsd: 600, cacheTier: 'miss', isRetryable: false });
    expect(jsonIn(answered)).toMatchObject(rendered);
    expect([gateway.asked, gateway.events.ended]).toEqual([[], []]);
  });
});

// There are no streams of embeddings.
describe.each(doors.filter(({ dialect }) => dialect !== 'openai.embeddings'))(
  'an item for $endpoint as $dialect that asks for a stream',
  ({ endpoint, body }) => {
    it.each(['execute', 'plan'] as const)('is refused in the door’s own words: %s', async (mode) => {
      const gateway = await itemGateway();
      const reply = answerIn(await gateway.run({ mode, item: itemOf(endpoint, { ...body, stream: true }) }));
      expect(reply).toMatchObject({ status: 400, errorCode: 'invalid_request', isRetryable: false, paidNanoUsd: 0 });
      expect(reply.body.toString()).toContain('stream');
      expect(gateway.asked).toEqual([]);
    });
  },
);
