import { waitFor } from '@costlane/testing';
import { doorsUnderTest, fresh, mockStats, newKey, type Doors } from '../doors/doors-under-test';
import { ledgerOf, stackUnderTest, type Stack } from '../support/stack';
import { ask, modelFor, prompts, withMock, type RoutedOptions } from './routed';

const found = doorsUnderTest();
const doors = found as Doors;
const stack = stackUnderTest();
const running = stack as Stack;
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const asJson = { response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } } };

(found && stack ? describe : describe.skip)('an answer of the cheap model that will not do', () => {
  let cheap: string;
  let cheapForJson: string;

  beforeAll(async () => {
    cheap = await modelFor(doors, 'economy');
    cheapForJson = await modelFor(doors, 'economy', { fields: asJson });
  });
  /** Runs something while the cheap model answers in a way that will not do. */
  const whileCheap = <T>(answer: string, run: () => Promise<T>, model = cheap): Promise<T> =>
    withMock(doors, { answer, onlyModel: model }, run);
  const simple = (): string => fresh(prompts.economy);

  it.each([
    ['empty', false],
    ['refusal', false],
    ['empty', true],
    ['refusal', true],
  ])('(%s) is asked of a stronger one, whose answer the client gets (stream: %s)', async (answer, stream) => {
    const routed = await whileCheap(answer, () => ask(doors, simple(), { stream }));
    expect(routed.status).toBe(200);
    expect(routed.model).not.toBe(cheap);
    expect(routed.decision).toMatch(new RegExp(`^(complexity|predictor):economy > low_confidence:${answer}$`));
    expect(routed.text.length).toBeGreaterThan(20);
    expect(routed.text).not.toMatch(/sorry/i);
  });

  it.each([
    ['prose', 'invalid_json'],
    ['other_json', 'schema'],
  ])('(%s) where a schema is asked for is asked of a stronger one: %s', async (answer, doubt) => {
    const routed = await whileCheap(answer, () => ask(doors, simple(), { fields: asJson }), cheapForJson);
    expect(routed.decision).toMatch(new RegExp(` > low_confidence:${doubt}$`));
    expect(JSON.parse(routed.text)).toEqual({ city: expect.any(String) as string });
  });

  it.each([false, true])(
    'is one record, on which both calls are paid to the nano-dollar (stream: %s)',
    async (stream) => {
      const { key, tenantId } = await newKey(doors);
      const prompt = simple();
      const uncached: RoutedOptions = { stream, headers: { 'x-costlane-use-cache': 'false' } };
      const [routed, parts] = await whileCheap('refusal', async () => {
        const answer = await ask(doors, prompt, { ...uncached, key });
        // The same question to each of the two by name: what it costs there.
        const named = [cheap, answer.model].map((model) => ask(doors, prompt, { ...uncached, model }));
        return [answer, await Promise.all(named)] as const;
      });
      expect(routed.decision).toContain('low_confidence:refusal');
      expect(parts.map(({ model }) => model)).toEqual([cheap, routed.model]);
      const sum = parts.reduce((total, { cost }) => total + cost, 0n);
      expect(parts.every(({ cost }) => cost > 0n)).toBe(true);
      expect(routed.cost).toBe(sum);
      expect(routed.saved).toBe(routed.baseline - routed.cost);
      await waitFor(async () => (await ledgerOf(running, tenantId)).requests === 1, { timeoutMs: 10_000 });
      expect(await ledgerOf(running, tenantId)).toEqual({ requests: 1, paidNanoUsd: sum, duplicates: 0 });
    },
  );

  it('is not asked for once more where the stronger model’s answer is no better, and is given', async () => {
    const before = (await mockStats(doors)).totalCalls;
    const routed = await withMock(doors, { answer: 'refusal' }, () => ask(doors, simple()));
    expect([routed.status, routed.text]).toEqual([200, expect.stringMatching(/sorry/)]);
    expect(routed.decision.match(/low_confidence/g)).toHaveLength(1);
    expect((await mockStats(doors)).totalCalls - before).toBe(2);
  });

  it('is given after all where the stronger model fails, and not kept', async () => {
    const stronger = (await whileCheap('refusal', () => ask(doors, simple()))).model;
    const prompt = `${simple()} [[mock: answer=refusal; onlyModel=${cheap}]]`;
    const routed = await withMock(doors, { status: 500, onlyModel: stronger }, () => ask(doors, prompt));
    expect([routed.status, routed.model, routed.text]).toEqual([200, cheap, expect.stringMatching(/sorry/)]);
    expect((await ask(doors, prompt)).tier).toBe('miss');
  });

  it('is what a request gets that names the model', async () => {
    const routed = await whileCheap('refusal', () => ask(doors, simple(), { model: cheap }));
    expect([routed.model, routed.decision]).toEqual([cheap, 'requested']);
    expect(routed.text).toMatch(/sorry/);
  });

  it('is not kept for those who ask the same later', async () => {
    const prompt = simple();
    await withMock(doors, { answer: 'refusal' }, () => ask(doors, prompt));
    expect((await ask(doors, prompt)).tier).toBe('miss');
  });
});
