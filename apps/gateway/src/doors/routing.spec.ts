import {
  createPolicy,
  defaultRoutingSettings,
  type PolicyModel,
  type RoutingSettings,
  type TenantPolicy,
} from '@costlane/domain';
import { answerWith, chunk, completion, end, header, type Asked } from '../testing/scripted-inference';
import { testGateway } from '../testing/test-gateway';

const capabilities = {
  tools: true,
  vision: false,
  audio: false,
  jsonMode: true,
  jsonSchema: true,
  reasoning: false,
  logprobs: true,
};
const model = (name: string, usd: string, tier: PolicyModel['tier'], more: Partial<PolicyModel> = {}): PolicyModel => ({
  name,
  provider: 'mock',
  upstreamModel: `${name}-up`,
  isEnabled: true,
  tier,
  isBreakerOpen: false,
  contextTokens: 0,
  maxOutputTokens: 0,
  quality: 0.8,
  isAutoChoice: true,
  capabilities,
  price: {
    provider: 'mock',
    model: name,
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: 'test',
    perMillion: { freshInput: usd, output: usd },
  },
  ...more,
});

function gateway({
  settings,
  tenant,
  onAsk,
}: {
  settings?: Partial<RoutingSettings>;
  tenant?: Partial<TenantPolicy>;
  onAsk?: (asked: Asked) => void;
}) {
  const policy = createPolicy({
    version: '1',
    models: [
      model('small', '1.5', 'economy'),
      model('own', '8', 'standard', { isSecure: true }),
      model('large', '30', 'premium'),
    ],
    settings: { ...defaultRoutingSettings, ...settings },
    tenants: new Map(tenant ? [['default', { tenantId: 'default', ...tenant }]] : []),
  });
  return testGateway({ policy, onAsk: onAsk ?? answerWith('ok') });
}

const chat = (content: string, more: object = {}, headers: object = {}) => ({
  method: 'POST' as const,
  url: '/v1/chat/completions',
  headers: { 'content-type': 'application/json', ...headers },
  payload: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }], ...more }),
});
const simple = 'What is the capital of France?';
const withMail = 'Write a friendly mail to ada@example.com, please.';

describe('the choice of a model at the doors', () => {
  it('auto goes by what is asked, a named model is honoured', async () => {
    const { fastify, asked } = gateway({});
    await fastify.inject(chat(simple));
    await fastify.inject(chat(simple, { model: 'large' }));
    expect(asked.map(({ decision }) => decision.model.name)).toEqual(['small', 'large']);
  });

  it('headers and fields say what quality is wanted, and for whom', async () => {
    const { fastify, asked } = gateway({});
    await fastify.inject(chat(simple, {}, { 'x-costlane-quality': 'high', 'x-costlane-user-tier': 'premium' }));
    const payload = JSON.stringify({ prompt: simple, quality: 'high' });
    await fastify.inject({ ...chat(''), url: '/v1/inference', payload });
    expect(asked.map(({ decision }) => decision.model.name)).toEqual(['large', 'own']);
    const wrong = await fastify.inject(chat(simple, {}, { 'x-costlane-quality': 'best' }));
    expect(wrong.statusCode).toBe(400);
    expect(wrong.body).toContain('low, medium, high');
  });

  it('every way of leaving the choice shares its answers, whichever model they come from', async () => {
    const { fastify, asked } = gateway({});
    await fastify.inject(chat(simple));
    await fastify.inject(chat(simple, {}, { 'x-costlane-user-tier': 'standard' }));
    await fastify.inject(chat(simple, { model: 'small' }));
    const [first, second, named] = asked.map(({ request }) => request.fingerprint);
    expect(second).toBe(first);
    expect(named).not.toBe(first);
  });
});

describe('personal data and secrets', () => {
  it('goes out as it is where that is allowed, and is kept nowhere', async () => {
    const { fastify, asked } = gateway({});
    await fastify.inject(chat(withMail));
    expect(asked[0]?.request).toMatchObject({ useCache: false, sensitive: { kinds: ['email'], action: 'allow' } });
    expect(asked[0]?.request.upstreamBody('m').toString('utf8')).toContain('ada@example.com');
    await fastify.inject(chat(simple));
    expect(asked[1]?.request).toMatchObject({ useCache: true, sensitive: undefined });
  });

  it('is refused where it is to be blocked, without a word of it in the refusal', async () => {
    const { fastify, asked } = gateway({ tenant: { dataPolicy: 'block' } });
    for (const url of ['/v1/chat/completions', '/v1/inference']) {
      const payload = url === '/v1/inference' ? JSON.stringify({ prompt: withMail }) : chat(withMail).payload;
      const refused = await fastify.inject({ ...chat(withMail), url, payload });
      expect(refused.statusCode).toBe(403);
      expect(refused.body).toContain('an e-mail address');
      expect(refused.body).not.toContain('ada@');
    }
    expect(asked).toEqual([]);
  });

  it('goes to secure models only, and a model named that is none is refused', async () => {
    const { fastify, asked } = gateway({ settings: { dataPolicy: 'secure_model' } });
    await fastify.inject(chat(withMail));
    expect(asked[0]?.decision.model.name).toBe('own');
    const refused = await fastify.inject(chat(withMail, { model: 'small' }));
    expect(refused.statusCode).toBe(403);
  });

  it('is replaced on the way out and put back on the way in, in documents and in streams', async () => {
    const onAsk = ({ listener, request }: Asked): void => {
      if (!request.stream) return listener.whole({ ...end(), form: 'json', body: completion('Dear [EMAIL_1],') });
      listener.head(header(), 'miss');
      for (const piece of ['Dear [EM', 'AIL_1', '],']) listener.chunk(Buffer.from(chunk(piece)));
      listener.end(end());
    };
    const { fastify, asked } = gateway({ tenant: { dataPolicy: 'redact' }, onAsk });
    const whole = await fastify.inject(chat(withMail));
    expect(whole.json()).toMatchObject({ choices: [{ message: { content: 'Dear ada@example.com,' } }] });
    const streamed = await fastify.inject(chat(withMail, { stream: true }));
    expect(streamed.body).toContain('ada@example.com');
    const own = await fastify.inject({
      ...chat(''),
      url: '/v1/inference',
      payload: JSON.stringify({ prompt: withMail }),
    });
    expect(own.json()).toMatchObject({ data: { text: 'Dear ada@example.com,' } });
    for (const { request } of asked) {
      expect(request.upstreamBody('m').toString('utf8')).not.toContain('ada@example.com');
      expect(request.useCache).toBe(true);
    }
  });
});

describe('experiments at the doors', () => {
  it('put a variant’s instructions before the conversation', async () => {
    const { fastify, asked } = testGateway({
      onAsk: answerWith('ok'),
      policy: createPolicy({
        models: [model('small', '1', 'economy')],
        experiments: new Map([
          ['x', { id: 'x', share: 1, variants: [{ name: 'short', weight: 1, systemPrompt: 'Be brief.' }] }],
        ]),
      }),
    });
    await fastify.inject(chat(simple, {}, { 'x-costlane-user': 'u1' }));
    const { messages } = JSON.parse(asked[0]?.request.upstreamBody('m').toString('utf8') ?? '') as {
      messages: object[];
    };
    expect(messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: simple },
    ]);
    await fastify.inject(chat(simple));
    expect(asked[1]?.decision.assigned).toBeUndefined();
  });
});
