import { readPriceList } from './read-price-list';

const providers = ['openai', 'anthropic', 'google', 'cohere'];

const entry = (input: unknown, output: unknown, rest: object = {}) => ({
  litellm_provider: 'openai',
  mode: 'chat',
  input_cost_per_token: input,
  output_cost_per_token: output,
  ...rest,
});

function read(list: unknown) {
  const result = readPriceList(typeof list === 'string' ? list : JSON.stringify(list), providers);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const errorOf = (list: unknown) => {
  const result = readPriceList(typeof list === 'string' ? list : JSON.stringify(list), providers);
  return result.ok ? 'taken' : result.error;
};

/** An entry that is good, so that a bad one beside it does not condemn the list. */
const good = { 'gpt-good': entry(1e-6, 4e-6) };

describe("LiteLLM's list", () => {
  it('is read per token, with caches and long prompts', () => {
    const rest = {
      cache_read_input_token_cost: 1e-7,
      cache_creation_input_token_cost: 1.25e-6,
      cache_creation_input_token_cost_above_1hr: 2e-6,
      input_cost_per_token_above_200k_tokens: 2e-6,
      output_cost_per_token_above_200k_tokens: 6e-6,
      cache_read_input_token_cost_above_200k_tokens: 2e-7,
      input_cost_per_token_batches: 5e-7,
    };
    const { format, models } = read({ sample_spec: { mode: 'chat' }, 'gpt-x': entry(1e-6, '0.000004', rest) });
    expect(format).toBe('litellm');
    expect(models).toEqual([
      {
        provider: 'openai',
        model: 'gpt-x',
        perMillion: { freshInput: '1', output: '4', cacheRead: '0.1', cacheWriteShort: '1.25', cacheWriteLong: '2' },
        longPromptBands: [
          {
            thresholdTokens: 200_000,
            // What the band leaves out rises as its input does.
            perMillion: { freshInput: '2', output: '6', cacheRead: '0.2', cacheWriteShort: '2.5', cacheWriteLong: '4' },
          },
        ],
      },
    ]);
  });

  it('names models as their providers do, and leaves out what is not asked of us', () => {
    const { models } = read({
      'gemini/gemini-x': entry(1e-6, 4e-6, { litellm_provider: 'gemini' }),
      'command-x': entry(1e-6, 4e-6, { litellm_provider: 'cohere_chat' }),
      'ft:gpt-x': entry(1e-6, 4e-6),
      'openai/us/gpt-x': entry(1e-6, 4e-6),
      'text-embedding-x': entry(1e-6, 0, { mode: 'embedding' }),
      'azure/gpt-x': entry(1e-6, 4e-6, { litellm_provider: 'azure' }),
    });
    expect(models.map(({ provider, model }) => `${provider}/${model}`)).toEqual([
      'google/gemini-x',
      'cohere/command-x',
    ]);
  });

  it('is rid of the noise of binary numbers', () => {
    const { models } = read({ a: entry(1.5000000000000002e-7, 6e-7) });
    expect(models[0]?.perMillion).toEqual({ freshInput: '0.15', output: '0.6' });
  });

  it.each([
    ['a price per million, read as one per token', entry(2.5, 10), /freshInput comes to \$2500000 per million/],
    ['a price per thousand, read as one per token', entry(0.0025, 0.01), /freshInput comes to \$2500 per million/],
    ['a price far below any', entry(1e-12, 1e-6), /freshInput comes to \$0\.000001 per million/],
    ['NaN', entry('NaN', 1e-6), /freshInput is NaN, which is no price/],
    ['a negative price', entry(-1e-6, 1e-6), /freshInput is -0\.000001, which is no price/],
    ['infinity', entry('Infinity', 1e-6), /freshInput is Infinity/],
    ['something else', entry({}, 1e-6), /freshInput is no number/],
    ['zero', entry(0, 1e-6), /freshInput is zero/],
    ['an output of zero', entry(1e-6, 0), /output is zero/],
    ['no input', entry(undefined, 1e-6), /freshInput is missing/],
    ['no output', entry(1e-6, null), /output is missing/],
    ['a negative price of caching', entry(1e-6, 1e-6, { cache_read_input_token_cost: -1 }), /cacheRead is -1/],
    ['a cache dearer than none', entry(1e-6, 1e-6, { cache_read_input_token_cost: 2e-6 }), /cacheRead .* is dearer/],
    [
      'a band with a mistaken unit',
      entry(1e-6, 1e-6, { input_cost_per_token_above_200k_tokens: 2 }),
      /freshInput comes to \$2000000/,
    ],
  ])('does not take %s', (_what, bad, reason) => {
    const { models, refused } = read({ ...good, bad });
    expect(models.map(({ model }) => model)).toEqual(['gpt-good']);
    expect(refused).toEqual([{ entry: 'openai/bad', reason: expect.stringMatching(reason) }]);
  });

  it('takes a cache without a price for one that it says nothing of', () => {
    const { models } = read({ a: entry(1e-6, 1e-6, { cache_read_input_token_cost: 0 }) });
    expect(models[0]?.perMillion).toEqual({ freshInput: '1', output: '1' });
  });
});

describe("models.dev's list", () => {
  const model = (cost: object, output = ['text']) => ({ cost, modalities: { input: ['text'], output } });

  it('is read per million, with caches and both ways to write long prompts', () => {
    const { format, models } = read({
      openai: {
        models: {
          a: model({
            input: 5,
            output: 30,
            cache_read: 0.5,
            tiers: [{ context: { min: 272_000 }, input: 10, output: 45 }],
          }),
          b: model({ input: 1, output: 2, context_over_200k: { input: 2, output: 3 } }),
          c: model({ input: 1, output: 2 }, ['image']),
          d: { modalities: { output: ['text'] } },
        },
      },
      groq: { models: { e: model({ input: 1, output: 1 }) } },
    });
    expect(format).toBe('models.dev');
    expect(models).toEqual([
      {
        provider: 'openai',
        model: 'a',
        perMillion: { freshInput: '5', output: '30', cacheRead: '0.5' },
        longPromptBands: [{ thresholdTokens: 272_000, perMillion: { freshInput: '10', output: '45', cacheRead: '1' } }],
      },
      {
        provider: 'openai',
        model: 'b',
        perMillion: { freshInput: '1', output: '2' },
        longPromptBands: [{ thresholdTokens: 200_000, perMillion: { freshInput: '2', output: '3' } }],
      },
    ]);
  });

  it.each([
    [
      'a price per token, read as one per million',
      { input: 2.5e-6, output: 1e-5 },
      /freshInput comes to \$0\.0000025 per million/,
    ],
    ['a negative price', { input: -1, output: 1 }, /freshInput is -1/],
    ['zero', { input: 0, output: 0 }, /freshInput is zero/],
    ['no input', { output: 1 }, /freshInput is missing/],
  ])('does not take %s', (_what, cost, reason) => {
    const { refused } = read({ openai: { models: { a: model({ input: 1, output: 1 }), bad: model(cost) } } });
    expect(refused).toEqual([{ entry: 'openai/bad', reason: expect.stringMatching(reason) }]);
  });
});

describe('a list as a whole', () => {
  it.each([
    ['not JSON', '{"a":', /not valid JSON/],
    ['a page of the server', '<html>', /not valid JSON/],
    ['an array', [], /not an object/],
    ['another document', { hello: { world: 1 } }, /neither LiteLLM's .* nor models\.dev's/],
    ['of other providers only', { a: entry(1e-6, 1e-6, { litellm_provider: 'azure' }) }, /no price of openai/],
    [
      'written in another unit',
      { a: entry(1, 1), b: entry(2, 2), c: entry(1e-6, 1e-6) },
      /most of its prices cannot be/,
    ],
  ])('is refused when it is %s', (_what, list, sentence) => expect(errorOf(list)).toMatch(sentence));
});
