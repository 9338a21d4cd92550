import OpenAI from 'openai';
import { waitFor } from '@costlane/testing';
import { adminHeaders, doorsUnderTest, envelopeOf, mockStats, newKey, post, type Doors } from './doors-under-test';

const doors = doorsUnderTest();
const url = doors?.url ?? '';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

interface Answer {
  tier: string | null;
  text: string;
  requestId: string;
  similarity: number;
  probability: number;
}

async function ask(
  key: string,
  content: string,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...more };
  const response = await post(`${url}/v1/chat/completions`, body, { ...bearer(key), ...headers });
  expect(response.status).toBe(200);
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return {
    tier: response.headers.get('x-cache'),
    text: choices[0]?.message.content ?? '',
    requestId: response.headers.get('x-request-id') ?? '',
    similarity: Number(response.headers.get('x-cache-similarity')),
    probability: Number(response.headers.get('x-cache-probability')),
  };
}

interface Tenant {
  key: string;
  tenantId: string;
}

async function storedQuestions(tenantId: string): Promise<number> {
  const response = await fetch(`${url}/admin/cache`, { headers: adminHeaders(doors as Doors) });
  const { data } = await envelopeOf<{ semantic: { tenants: { tenant_id: string; entries: number }[] } }>(response);
  return data.semantic.tenants.find((one) => one.tenant_id === tenantId)?.entries ?? 0;
}

/** Asks the first wording that the semantic cache answers, once it knows the tenant's question: an earlier one would be kept for itself. */
async function askSemantic({ key, tenantId }: Tenant, wordings: readonly string[]): Promise<Answer> {
  await waitFor(async () => (await storedQuestions(tenantId)) > 0, { timeoutMs: 10_000 });
  for (const wording of wordings) {
    const answer = await ask(key, wording);
    if (answer.tier === 'semantic') return answer;
  }
  throw new Error('no wording was answered by the semantic cache');
}

/** Wordings that differ in form only: any verifier worth its name takes them for the same. */
const forms = (question: string): string[] => [
  question.toLowerCase(),
  question.toUpperCase(),
  question.replace('?', ' ?'),
  question.replace('?', '??'),
  question.replace(/ /g, '  '),
  `${question.replace('?', '')}`,
];

(doors?.adminKey ? describe : describe.skip)('the semantic cache', () => {
  const tenant = (): Promise<Tenant> => newKey(doors as Doors);
  const question = 'What is the capital of Australia?';

  /** A tenant whose question has been answered, and that the cache service has looked at. */
  async function asked(more: object = {}): Promise<Tenant & { first: Answer }> {
    const { key, tenantId } = await tenant();
    const first = await ask(key, question, more);
    expect(first.tier).toBe('miss');
    return { key, tenantId, first };
  }

  it('answers the same question in another form, and says how like and how probable it is', async () => {
    const { first, ...who } = await asked();
    const hit = await askSemantic(who, forms(question));
    expect(hit.text).toBe(first.text);
    expect(hit.similarity).toBeGreaterThanOrEqual(0.92);
    expect(hit.probability).toBeGreaterThan(0.9);
    // Nobody was asked for it.
    expect((await mockStats(doors as Doors)).callsByRequestId[hit.requestId]).toBeUndefined();
  });

  it('asks anew when a number, a name or a negation differs', async () => {
    const who = await tenant();
    const { key } = who;
    await ask(key, 'How many days does it take to walk 30 miles in Scotland?');
    await askSemantic(who, forms('How many days does it take to walk 30 miles in Scotland?'));
    for (const other of [
      'How many days does it take to walk 40 miles in Scotland?',
      'How many days does it take to walk 30 miles in Norway?',
      'How many days does it not take to walk 30 miles in Scotland?',
    ])
      expect((await ask(key, other)).tier).toBe('miss');
  });

  it('keeps tenants, instructions, parameters and models apart', async () => {
    const { key, tenantId } = await asked();
    await askSemantic({ key, tenantId }, forms(question));
    const other = await tenant();
    expect((await ask(other.key, question.toLowerCase())).tier).toBe('miss');
    const [form] = forms(question).slice(-1) as [string];
    const system = {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: form },
      ],
    };
    expect((await ask(key, '', system)).tier).toBe('miss');
    expect((await ask(key, form, { temperature: 0.3 })).tier).toBe('miss');
    expect((await ask(key, form, { model: 'gpt-4o' })).tier).toBe('miss');
  });

  it('leaves out conversations, and requests that do not want it or want more likeness', async () => {
    const { key, tenantId } = await asked();
    await askSemantic({ key, tenantId }, forms(question));
    const form = 'what is the capital of australia';
    const turns = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: form },
    ];
    expect((await ask(key, '', { messages: turns })).tier).toBe('miss');
    expect((await ask(key, `${form} `, {}, { 'x-costlane-semantic-cache': 'false' })).tier).toBe('miss');
  });

  it('serves a streamed answer whole and a whole one streamed, usage included', async () => {
    const who = await tenant();
    const { key } = who;
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const streamed = async (content: string): Promise<{ text: string; tokens: number | undefined }> => {
      const messages = [{ role: 'user' as const, content }];
      const stream = await client.chat.completions.create({
        model: 'gpt-4o-mini',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      let [text, tokens]: [string, number | undefined] = ['', undefined];
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        tokens = chunk.usage?.total_tokens ?? tokens;
      }
      return { text, tokens };
    };
    const first = await streamed(question);
    const hit = await askSemantic(who, forms(question));
    expect(hit.text).toBe(first.text);
    const again = await streamed('what is the capital of australia ??');
    expect(again).toEqual(first);
  });

  it('throws away an answer that a user calls wrong, everywhere and before it replies', async () => {
    const { key, tenantId } = await asked();
    const hit = await askSemantic({ key, tenantId }, forms(question));
    const told = await post(`${url}/v1/feedback`, { request_id: hit.requestId, verdict: 'wrong' }, bearer(key));
    expect(await envelopeOf(told)).toMatchObject({ success: true, data: { verdict: 'wrong', removed_entries: 1 } });
    expect((await ask(key, 'what is the capital of  australia')).tier).toBe('miss');
    const twice = await post(`${url}/v1/feedback`, { request_id: hit.requestId, verdict: 'wrong' }, bearer(key));
    expect(twice.status).toBe(404);
  });

  it('forgets with the exact cache, within a second', async () => {
    const { key, tenantId } = await asked();
    await askSemantic({ key, tenantId }, forms(question));
    const admin = adminHeaders(doors as Doors);
    const dropped = await post(`${url}/admin/cache/invalidate`, { tenant_id: tenantId, all: true }, admin);
    expect(dropped.status).toBe(200);
    await waitFor(async () => (await ask(key, `what is the  capital of australia`)).tier === 'miss', {
      timeoutMs: 1_000,
    });
  });

  it('shows administrators how each tenant does', async () => {
    const { key, tenantId } = await asked();
    await askSemantic({ key, tenantId }, forms(question));
    const response = await fetch(`${url}/admin/cache`, { headers: adminHeaders(doors as Doors) });
    const { data } = await envelopeOf<{
      semantic: { tenants: { tenant_id: string; hits: number; entries: number }[] };
    }>(response);
    const shown = data.semantic.tenants.find((one) => one.tenant_id === tenantId);
    expect(shown).toMatchObject({ state: 'normal', max_false_hit_rate: 0.02, audits: 0 });
    expect(shown?.hits).toBeGreaterThanOrEqual(1);
    expect(shown?.entries).toBeGreaterThanOrEqual(1);
  });
});
