import fc from 'fast-check';
import { defaultComplexityWeights } from '../routing/routing-settings';
import { estimateComplexity, type ComplexityInput } from './estimate-complexity';
import prompts from './fixtures/labelled-prompts.json';
import { languageOf } from './language-of';

const requestOf = (text: string, more: Partial<ComplexityInput> = {}): ComplexityInput => ({
  text,
  turns: 1,
  contextTokens: text.length / 4,
  hasTools: false,
  hasImages: false,
  wantsStructuredOutput: false,
  ...more,
});

const someText = fc.oneof(
  fc.string({ maxLength: 400, unit: 'grapheme' }),
  fc
    .shuffledSubarray(
      prompts.map(({ text }) => text),
      { minLength: 1, maxLength: 3 },
    )
    .map((texts) => texts.join('\n')),
);

describe('estimateComplexity', () => {
  it('puts at least 85 % of the labelled prompts into their tier, in each tier', () => {
    for (const tier of ['economy', 'standard', 'premium']) {
      const rows = prompts.filter((row) => row.tier === tier);
      const wrong = rows.filter(({ text }) => estimateComplexity(requestOf(text)).tier !== tier);
      expect({ tier, rows: rows.length, isEnough: rows.length - wrong.length >= 0.85 * rows.length, wrong }).toEqual({
        tier,
        rows: 30,
        isEnough: true,
        wrong,
      });
    }
  });

  it('tells the language of the labelled prompts', () => {
    const wrong = prompts.filter(({ text, language }) => languageOf(text) !== language);
    expect(wrong.length / prompts.length).toBeLessThanOrEqual(0.05);
  });

  it('stays between 0 and 1 in every factor, whatever the text and the numbers', () => {
    fc.assert(
      fc.property(someText, fc.nat(200), fc.nat(2_000_000), fc.option(fc.nat(200_000)), (text, turns, tokens, most) => {
        const { complexity, factors } = estimateComplexity(
          requestOf(text, { turns, contextTokens: tokens, maxOutputTokens: most ?? undefined }),
        );
        for (const value of [complexity, ...Object.values(factors)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('never falls when a requirement is added to the text', () => {
    fc.assert(
      fc.property(someText, someText, (text, added) => {
        const tokens = 4_000;
        const before = estimateComplexity(requestOf(text, { contextTokens: tokens }));
        const after = estimateComplexity(
          requestOf(`${text}\n${added}`, { contextTokens: tokens + Math.ceil(added.length * 0.75) + 1 }),
        );
        expect(after.complexity).toBeGreaterThanOrEqual(before.complexity - 1e-9);
      }),
    );
  });

  it('never falls when tools, pictures, turns, tokens, a system text or a shape of the answer are added', () => {
    const arm = fc.record({
      turns: fc.integer({ min: 1, max: 20 }),
      contextTokens: fc.nat(100_000),
      maxOutputTokens: fc.option(fc.nat(16_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(someText, arm, fc.nat(10), fc.nat(50_000), (text, base, turns, tokens) => {
        const plain = requestOf(text, base);
        const before = estimateComplexity(plain).complexity;
        const changes: Partial<ComplexityInput>[] = [
          { hasTools: true },
          { hasImages: true },
          { wantsStructuredOutput: true },
          { systemText: 'You are a careful assistant.' },
          { turns: base.turns + turns },
          { contextTokens: base.contextTokens + tokens },
          { maxOutputTokens: (base.maxOutputTokens ?? 0) + tokens },
          { taskType: 'reasoning' },
        ];
        for (const change of changes)
          expect(estimateComplexity({ ...plain, ...change }).complexity).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('is a weighted mean of the factors, whatever the sum of the weights', () => {
    const request = requestOf(prompts[40]?.text ?? '');
    const single = estimateComplexity(request, { length: 0, reasoning: 7, domain: 0, context: 0, output: 0 });
    expect(single.complexity).toBeCloseTo(single.factors.reasoning, 9);
    const doubled = Object.fromEntries(
      Object.entries(defaultComplexityWeights).map(([name, weight]) => [name, weight * 2]),
    );
    expect(estimateComplexity(request, { ...defaultComplexityWeights, ...doubled }).complexity).toBeCloseTo(
      estimateComplexity(request).complexity,
      9,
    );
    const none = { length: 0, reasoning: 0, domain: 0, context: 0, output: 0 };
    expect(estimateComplexity(request, none)).toEqual(estimateComplexity(request));
  });

  it('needs no more time for a text of megabytes than for the part it reads', () => {
    const long = `Prove it. ${'a'.repeat(3_000_000)} Explain why.`;
    const startedAt = performance.now();
    const { factors } = estimateComplexity(requestOf(long));
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(factors.length).toBe(1);
    expect(factors.reasoning).toBeGreaterThan(estimateComplexity(requestOf('Prove it.')).factors.reasoning);
  });

  it('takes an empty text for the simplest there is', () => {
    expect(estimateComplexity(requestOf(''))).toMatchObject({ complexity: 0, tier: 'economy', language: 'other' });
  });
});

describe('languageOf', () => {
  it.each([
    ['これは何ですか。', 'ja'],
    ['这是什么？', 'zh'],
    ['이것은 무엇입니까?', 'ko'],
    ['Что это такое?', 'ru'],
    ['ما هذا؟', 'ar'],
    ['Qual è la capitale della Francia?', 'it'],
    ['Qual é a capital do Brasil e por que não é o Rio?', 'pt'],
    ['Wat is het verschil tussen een appel en een peer?', 'nl'],
    ['const x = 1', 'en'],
    ['12 + 7 = ?', 'other'],
  ])('takes %s for %s', (text, language) => {
    expect(languageOf(text)).toBe(language);
  });
});
