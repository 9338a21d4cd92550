import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { doorsUnderTest, envelopeOf, fresh, post, type Doors, type Reply } from '../doors/doors-under-test';
import { ask, modelsOf, nano, prompts, type Routed, type Tier } from './routed';

const found = doorsUnderTest();
const doors = found as Doors;
const strength: Record<string, number> = { economy: 0, standard: 1, premium: 2 };
const names = Object.keys(prompts) as Tier[];

(found ? describe : describe.skip)('requests that leave the choice of the model', () => {
  const tierOf = async ({ model }: Routed): Promise<string> => (await modelsOf(doors)).get(model)?.tier ?? 'unknown';

  it.each(names.flatMap((tier) => [false, true].map((stream) => [tier, stream] as const)))(
    'go to a model that is strong enough for a prompt that needs %s (stream: %s), and are told what decided',
    async (tier, stream) => {
      const answer = await ask(doors, fresh(prompts[tier]), { stream });
      expect(answer.status).toBe(200);
      expect(answer.text.length).toBeGreaterThan(0);
      expect(strength[await tierOf(answer)]).toBeGreaterThanOrEqual(strength[tier] as number);
      expect(answer.decision).toMatch(new RegExp(`^(complexity|predictor):${tier}$`));
    },
  );

  it('cost less than the model that would have been asked otherwise, and say how much', async () => {
    const answer = await ask(doors, fresh(prompts.economy));
    expect(answer.cost).toBeGreaterThan(0n);
    expect(answer.cost).toBeLessThan(answer.baseline);
    expect(answer.saved).toBe(answer.baseline - answer.cost);
  });

  it('are those that name no model, too, and share their answers', async () => {
    const prompt = fresh(prompts.economy);
    const unnamed = await ask(doors, prompt, { model: undefined });
    expect(unnamed.decision).toMatch(/^(complexity|predictor):economy$/);
    expect((await ask(doors, prompt)).tier).toMatch(/^(memory|exact)$/);
  });

  it('are not those that name a model, whatever they ask', async () => {
    const answer = await ask(doors, fresh(prompts.economy), { model: 'mock-premium' });
    expect([answer.model, answer.decision, answer.saved]).toEqual(['mock-premium', 'requested', 0n]);
  });

  it.each([
    ['x-costlane-quality', 'high', 1],
    ['x-costlane-user-tier', 'premium', 1],
    ['x-costlane-quality', 'low', -1],
    ['x-costlane-user-tier', 'free', -1],
  ])('go a tier up or down with %s: %s', async (header, value, step) => {
    const from = 'standard';
    const answer = await ask(doors, fresh(prompts[from]), { headers: { [header]: value } });
    expect(answer.decision).toContain(names[(strength[from] as number) + step]);
    expect(strength[await tierOf(answer)]).toBeGreaterThanOrEqual((strength[from] as number) + step);
  });

  it.each([
    ['quality', 'best'],
    ['user-tier', 'gold'],
  ])('are refused with an unknown %s', async (name, value) => {
    const answer = await ask(doors, 'x', { headers: { [`x-costlane-${name}`]: value } });
    expect(answer.status).toBe(400);
  });

  it('tell the whole decision at the door of our own', async () => {
    const response = await post(`${doors.url}/v1/inference`, { prompt: fresh(prompts.standard), quality: 'medium' });
    const { data } = await envelopeOf<Reply & { routing_decision: Record<string, unknown> }>(response);
    expect(data.routing_decision).toEqual({
      strategy: 'cost_optimal',
      route: expect.stringContaining(data.model_used) as string,
      complexity: expect.any(Number) as number,
      tier: 'standard',
      reason: expect.stringContaining('standard') as string,
      candidates: expect.arrayContaining([data.model_used]) as string[],
    });
    const complexity = data.routing_decision['complexity'] as number;
    expect(complexity).toBeGreaterThan(0);
    expect(complexity).toBeLessThan(1);
  });

  it('are judged beforehand as they are judged then', async () => {
    for (const tier of names) {
      const prompt = fresh(prompts[tier]);
      const judged = await envelopeOf<Record<string, unknown>>(
        await post(`${doors.url}/debug/estimate-complexity`, { prompt }),
      );
      expect(judged.data).toMatchObject({
        target_tier: tier,
        factors: {
          length: expect.any(Number) as number,
          reasoning: expect.any(Number) as number,
          domain: expect.any(Number) as number,
          context: expect.any(Number) as number,
          output: expect.any(Number) as number,
        },
      });
      const response = await post(`${doors.url}/v1/inference`, { prompt });
      const { data } = await envelopeOf<{ routing_decision: { complexity: number } }>(response);
      expect(judged.data['complexity']).toBeCloseTo(data.routing_decision.complexity, 3);
    }
  });

  it('come through the official OpenAI client as chats and as responses', async () => {
    const client = new OpenAI({ baseURL: `${doors.url}/v1`, apiKey: 'unused', maxRetries: 0 });
    const response = await client.responses.create({ model: 'auto', input: fresh(prompts.economy) }).withResponse();
    expect(response.data.output_text.length).toBeGreaterThan(0);
    expect(response.response.headers.get('x-route-decision')).toMatch(/^(complexity|predictor):economy$/);
    const stream = await client.responses.create({ model: 'auto', input: fresh(prompts.economy), stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types.at(-1)).toBe('response.completed');
  });

  it('come through the official Anthropic client, also where no Claude answers', async () => {
    const client = new Anthropic({ baseURL: doors.url, apiKey: 'unused', maxRetries: 0 });
    const { data, response } = await client.messages
      .create({ model: 'auto', max_tokens: 200, messages: [{ role: 'user', content: fresh(prompts.economy) }] })
      .withResponse();
    expect(data.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/./) as string });
    expect(response.headers.get('x-route-decision')).toMatch(/^(complexity|predictor):economy$/);
    expect(nano(response.headers.get('x-cost-saved-usd'))).toBeGreaterThan(0n);
  });

  it('are answered as before when what they hold is a word of another script or nothing much at all', async () => {
    for (const content of ['?', '写一首关于秋天的诗', `${randomUUID()} ${'🙂'.repeat(500)}`]) {
      expect((await ask(doors, content)).status).toBe(200);
    }
  });
});
