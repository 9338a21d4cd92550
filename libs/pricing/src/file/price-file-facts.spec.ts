import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPriceCatalog, type PriceCatalog } from '../price-catalog';
import type { PricingLogger } from '../pricing-logger';

const folder = mkdtempSync(join(tmpdir(), 'costlane-facts-'));
const path = join(folder, 'prices.json');
const logged: string[] = [];
const note = (_fields: object, message: string): void => void logged.push(message);
const logger: PricingLogger = { info: () => undefined, warn: note, error: note };
let catalog: PriceCatalog | undefined;

afterEach(() => {
  catalog?.close();
  logged.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(content: unknown): PriceCatalog {
  writeFileSync(path, JSON.stringify(content));
  catalog = createPriceCatalog({
    pricesFile: path,
    logger,
    debounceMs: 10,
    pollIntervalMs: 50,
    now: () => Date.parse('2026-12-01T08:00:00Z'),
  });
  return catalog;
}

const price = (input: number, rest: object = {}) => ({
  input_cost_per_1k_tokens: input,
  output_cost_per_1k_tokens: input * 4,
  ...rest,
});

describe('what the file says of a model besides its price', () => {
  it('goes before the built-in facts, field by field', () => {
    const opened = open({ openai: { 'gpt-4o': price(0.0025, { max_output_tokens: 4_000, supports_vision: false }) } });
    expect(opened.facts('openai', 'gpt-4o-2024-11-20')).toMatchObject({
      contextTokens: 128_000,
      maxOutputTokens: 4_000,
      capabilities: { tools: true, vision: false },
      quality: { value: 0.726 },
      source: expect.stringMatching(/^the operator's prices file; .*LiteLLM/),
      readOn: '2026-12-01',
    });
    expect(opened.facts('openai', 'gpt-4.1')?.capabilities?.vision).toBe(true);
  });

  it('is all that is known of a model of the house: what it does not grant, the model cannot do', () => {
    const facts = { context_tokens: 8_192, tier: 'premium', quality: '0.9', supports_tools: true };
    const opened = open({ vllm: { 'house-model': price(0.001, facts) } });
    expect(opened.facts('vllm', 'house-model')).toEqual({
      contextTokens: 8_192,
      maxOutputTokens: 0,
      capabilities: expect.objectContaining({ tools: true, vision: false, logprobs: false }),
      quality: {
        value: 0.9,
        benchmark: 'set by the operator',
        source: "the operator's prices file",
        readOn: '2026-12-01',
      },
      tier: 'premium',
      source: "the operator's prices file",
      readOn: '2026-12-01',
    });
    expect(logged).toEqual([]);
  });

  it('may stand without a price, which then stays the list’s', () => {
    const opened = open({ openai: { 'gpt-4o-mini': { quality: 0.7, _why: 'our own evaluation' } } });
    expect(opened.facts('openai', 'gpt-4o-mini')?.quality?.value).toBe(0.7);
    expect(opened.find({ provider: 'openai', model: 'gpt-4o-mini' })).toMatchObject({
      value: { source: 'seed', price: { perMillion: { freshInput: '0.15' } } },
    });
  });

  it('holds for the mock in the place of OpenAI', () => {
    expect(open({ openai: { 'gpt-4o': { quality: 0.5 } } }).facts('mock', 'gpt-4o')?.quality?.value).toBe(0.5);
  });

  it.each([
    [{ tier: 'luxury' }, /openai\.m\.tier must be one of economy, standard, premium/],
    [{ quality: 80 }, /openai\.m\.quality must be a share from 0 to 1/],
    [{ quality: -0.1 }, /openai\.m\.quality must be/],
    [{ context_tokens: 1.5 }, /openai\.m\.context_tokens must be a whole number/],
    [{ max_output_tokens: '4096' }, /openai\.m\.max_output_tokens must be a whole number/],
    [{ supports_tools: 'yes' }, /openai\.m\.supports_tools must be true or false/],
    [{ tier: 'premium', output_cost_per_1k_tokens: 1 }, /openai\.m\.input_cost_per_1k_tokens is missing/],
  ])('is refused as %p with a sentence that names the place', (entry, sentence) => {
    open({ openai: { m: entry } });
    expect(logged).toEqual([expect.stringMatching(sentence)]);
  });

  it('is not known of a stranger, but the size of a listed model is', () => {
    const opened = open({});
    expect(opened.facts('openai', 'nobody')).toBeUndefined();
    expect(opened.facts('x-ai', 'grok-3')).toMatchObject({
      contextTokens: expect.any(Number),
      maxOutputTokens: 0,
    });
    expect(opened.facts('x-ai', 'grok-3')).not.toHaveProperty('capabilities');
  });
});

describe('prices of the file that follow on each other', () => {
  it('hold each in its time', () => {
    const opened = open({
      acme: {
        big: [
          price(0.001, { valid_to: '2027-01-01', context_tokens: 8_000 }),
          price(0.002, { valid_from: '2027-01-01', quality: 0.6 }),
        ],
      },
    });
    const at = (day: string) => opened.find({ provider: 'acme', model: 'big', at: Date.parse(day) });
    expect(at('2026-12-31')).toMatchObject({ value: { price: { perMillion: { freshInput: '1' } } } });
    expect(at('2027-01-01')).toMatchObject({ value: { price: { perMillion: { freshInput: '2' } } } });
    expect(opened.facts('acme', 'big')).toMatchObject({ contextTokens: 8_000, quality: { value: 0.6 } });
    expect(opened.list('acme')).toHaveLength(1);
  });

  it.each([
    [[price(0.001), price(-1)], /acme\.big\.1\.input_cost_per_1k_tokens must be/],
    [price(0.001, { valid_from: '2027-01-01', valid_to: '2026-01-01' }), /acme\.big\.valid_to must be later/],
  ])('are refused where one of them is wrong', (entries, sentence) => {
    expect(open({ acme: { big: entries } }).find({ provider: 'acme', model: 'big' }).ok).toBe(false);
    expect(logged).toEqual([expect.stringMatching(sentence)]);
  });
});
