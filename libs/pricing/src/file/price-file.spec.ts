import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costOfUsage, emptyUsage } from '@costlane/domain';
import { createPriceCatalog, type PriceCatalog, type PriceCatalogOptions } from '../price-catalog';
import type { PricingLogger } from '../pricing-logger';

let folder: string;
let path: string;
let catalog: PriceCatalog | undefined;
let logged: { level: string; message: string }[];
const logger: PricingLogger = {
  info: (_fields, message) => void logged.push({ level: 'info', message }),
  warn: (_fields, message) => void logged.push({ level: 'warn', message }),
  error: (_fields, message) => void logged.push({ level: 'error', message }),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costlane-prices-'));
  path = join(folder, 'prices.json');
  logged = [];
});
afterEach(() => {
  catalog?.close();
  catalog = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function open(content: unknown, options: Partial<PriceCatalogOptions> = {}): PriceCatalog {
  if (content !== undefined) writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  catalog = createPriceCatalog({ pricesFile: path, logger, debounceMs: 10, pollIntervalMs: 50, ...options });
  return catalog;
}

const entry = (input: number | string, output: number | string, rest: object = {}) => ({
  input_cost_per_1k_tokens: input,
  output_cost_per_1k_tokens: output,
  ...rest,
});

function inputPrice(of: PriceCatalog, model = 'gpt-4o-mini', provider = 'openai'): string | undefined {
  const found = of.find({ provider, model });
  return found.ok ? found.value.price.perMillion.freshInput : undefined;
}

async function eventually(isTrue: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (!isTrue()) {
    if (Date.now() > deadlineMs) throw new Error(`Not in time. Logged: ${JSON.stringify(logged)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a prices file', () => {
  it('overrides the list, with numbers or decimal strings, and adds models', () => {
    const opened = open({
      openai: { 'gpt-4o-mini': entry(0.0001, '0.0005', { cached_input_cost_per_1k_tokens: 0.00001 }) },
      vllm: { 'llama-3.3-70b': entry('0.00000012', 5e-7) },
    });
    const found = opened.find({ provider: 'openai', model: 'gpt-4o-mini' });
    expect(found).toMatchObject({
      ok: true,
      value: {
        source: 'file',
        price: { perMillion: { freshInput: '0.1', output: '0.5', cacheRead: '0.01' }, batchDiscount: '0.5' },
      },
    });
    expect(opened.find({ provider: 'vllm', model: 'llama-3.3-70b' })).toMatchObject({
      value: { price: { perMillion: { freshInput: '0.00012', output: '0.0005' } } },
    });
    expect(inputPrice(opened, 'gpt-4o')).toBe('2.5');
    expect(opened.version).toMatch(/^genai-prices@.*\+file\.[0-9a-f]{12}$/);
  });

  it('holds for dated names of the model, and for the mock that plays it', () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) } });
    expect(inputPrice(opened, 'gpt-4o-mini-2024-07-18')).toBe('0.1');
    expect(inputPrice(opened, 'gpt-4o-mini', 'mock')).toBe('0.1');
    expect(inputPrice(opened, 'GPT-4o-mini')).toBe('0.1');
  });

  it('takes bands, tiers, discounts and dates', () => {
    const opened = open(
      {
        _comment: 'notes are allowed',
        acme: {
          big: entry(0.001, 0.005, {
            long_prompt: { above_tokens: 1_000, input_multiplier: 2, output_multiplier: '1.5' },
            service_tiers: { flex: { multiplier: 0.5 }, turbo: entry(0.003, 0.015) },
            batch_discount: 0.25,
            valid_from: '2026-01-01',
            valid_to: '2027-01-01',
          }),
        },
      },
      { now: () => Date.parse('2026-06-01') },
    );
    expect(opened.find({ provider: 'acme', model: 'big' })).toMatchObject({
      value: { price: { longPromptBands: [{ thresholdTokens: 1_000 }], validFrom: '2026-01-01T00:00:00.000Z' } },
    });
    const turbo = opened.find({ provider: 'acme', model: 'big', serviceTier: 'turbo' });
    expect(turbo).toMatchObject({ value: { price: { perMillion: { freshInput: '3' } } } });
    expect(opened.find({ provider: 'acme', model: 'big', serviceTier: 'batch' })).toMatchObject({
      value: { price: { perMillion: { freshInput: '0.75' } } },
    });
    expect(opened.find({ provider: 'acme', model: 'big', at: Date.parse('2027-01-01') })).toMatchObject({
      error: { code: 'no_price_at_that_time' },
    });
  });

  it('lets the list hold until its own price becomes valid', () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005, { valid_from: '2027-01-01' }) } });
    const on = (at: string) => opened.find({ provider: 'openai', model: 'gpt-4o-mini', at: new Date(at) });
    expect(on('2026-12-31')).toMatchObject({
      value: { source: 'seed', price: { perMillion: { freshInput: '0.15' } } },
    });
    expect(on('2027-01-01')).toMatchObject({ value: { source: 'file', price: { perMillion: { freshInput: '0.1' } } } });
  });

  it.each([
    ['{"openai": {', /not valid JSON/],
    ['', /not valid JSON/],
    ['[]', /must be an object/],
    [{ openai: 3 }, /openai must be an object of models/],
    [{ openai: { m: {} } }, /openai\.m\.input_cost_per_1k_tokens is missing/],
    [{ openai: { m: entry('cheap', 1) } }, /openai\.m\.input_cost_per_1k_tokens must be US dollars.* not "cheap"/],
    [{ openai: { m: entry(-1, 1) } }, /openai\.m\.input_cost_per_1k_tokens must be/],
    [{ openai: { m: entry(1, 1001) } }, /openai\.m\.output_cost_per_1k_tokens must be US dollars.*from 0 to 1000/],
    [{ openai: { m: entry(1, `0.${'1'.repeat(40)}`) } }, /openai\.m\.output_cost_per_1k_tokens must be/],
    [{ openai: { m: entry(1, 1, { batch_discount: 50 }) } }, /openai\.m\.batch_discount must be a fraction/],
    [{ openai: { m: entry(1, 1, { valid_from: 'soon' }) } }, /openai\.m\.valid_from must be a date/],
    [{ openai: { m: entry(1, 1, { service_tiers: { flex: 2 } }) } }, /openai\.m\.service_tiers\.flex must be/],
    [{ openai: { m: entry(1, 1, { long_prompt: { above_tokens: 1.5 } }) } }, /openai\.m\.long_prompt\.above_tokens/],
    [{ openai: { m: null } }, /openai\.m/],
  ])('is refused as %p with a sentence that names the place', (content, sentence) => {
    const opened = open(content);
    expect(inputPrice(opened)).toBe('0.15');
    const errors = logged.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(sentence);
    expect(errors[0]?.message).toContain(path);
    expect(opened.status().file).toMatchObject({ rejectedReloads: 1, lastError: expect.stringMatching(sentence) });
  });

  it.each([
    [entry(0.15, 0.6), /input_cost_per_1k_tokens is 1000 times the list price.*per million tokens/],
    [entry(0.00000015, 0.0000006), /1000 times less than the list price.*per token/],
    [entry(0.015, 0.06), /100 times the list price.*cents/],
    [entry(0, 0), /is zero, where the list price is.*really free/],
  ])('warns loudly about %p, and takes it all the same', (prices, sentence) => {
    const opened = open({ openai: { 'gpt-4o-mini': prices } });
    const warning = logged.find(({ level }) => level === 'warn')?.message;
    expect(warning).toMatch(sentence);
    expect(warning).toMatch(/PRICES LOOK WRONG/);
    expect(opened.status().file?.warnings).not.toEqual([]);
    expect(opened.find({ provider: 'openai', model: 'gpt-4o-mini' })).toMatchObject({ value: { source: 'file' } });
  });

  it('warns about a price no model has, listed or not, and about fields it does not know', () => {
    open({ vllm: { own: entry(2, 0, { input_cost_per_1k_token: 1 }) } });
    const warnings = logged.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringMatching(/vllm\.own\.input_cost_per_1k_token is not a field that is known/),
      expect.stringMatching(/vllm\.own\.input_cost_per_1k_tokens comes to \$2000 per million/),
    ]);
  });

  it('can always be reckoned with, at the limits of what it takes', () => {
    const opened = open({
      acme: {
        m: entry(1000, `0.${'1'.repeat(24)}`, {
          long_prompt: { above_tokens: 1, input_multiplier: 100, output_multiplier: '0.000001' },
          service_tiers: { flex: { multiplier: '99.999999' } },
          batch_discount: '0.999999',
        }),
      },
    });
    for (const serviceTier of ['standard', 'flex', 'batch']) {
      const found = opened.find({ provider: 'acme', model: 'm', serviceTier });
      const usage = { ...emptyUsage, freshInputTokens: 10, outputTokens: 1_000_000 };
      expect(found.ok && costOfUsage(usage, found.value.price).totalNanoUsd).toBeGreaterThan(0);
    }
  });

  it('does not warn about a discount', () => {
    open({ openai: { 'gpt-4o-mini': entry('0.0001', '0.0004') } });
    expect(logged.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('does not warn about its own example', () => {
    const example = createPriceCatalog({ pricesFile: join(__dirname, '../../prices.example.json'), logger });
    example.close();
    expect(logged.filter(({ level }) => level !== 'info')).toEqual([]);
    expect(example.status().file?.modelCount).toBeGreaterThan(2);
  });
});

describe('a prices file that changes', () => {
  it('is taken over while running, and whoever listens hears of it', async () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) } });
    const before = opened.version;
    const changes: { version: string; previousVersion: string }[] = [];
    opened.onChange(() => {
      throw new Error('another listener fails');
    });
    opened.onChange((change) => changes.push(change));
    writeFileSync(path, JSON.stringify({ openai: { 'gpt-4o-mini': entry(0.0002, 0.0005) } }));
    await eventually(() => inputPrice(opened) === '0.2');
    await eventually(() => changes.length === 1);
    expect(changes).toEqual([{ version: opened.version, previousVersion: before }]);
    expect(opened.status().file).toMatchObject({ reloads: 1, rejectedReloads: 0 });
  });

  it('is taken over when it is replaced by renaming, as editors and Kubernetes do', async () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) } });
    for (const input of ['0.0002', '0.0003']) {
      writeFileSync(join(folder, 'next.json'), JSON.stringify({ openai: { 'gpt-4o-mini': entry(input, 0.0005) } }));
      renameSync(join(folder, 'next.json'), path);
      await eventually(() => inputPrice(opened) === String(Number(input) * 1_000));
    }
  });

  it('is found when it appears only later, in a folder that appears only later', async () => {
    path = join(folder, 'later', 'prices.json');
    const opened = open(undefined);
    expect(opened.status().file?.lastError).toMatch(/cannot be read/);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, JSON.stringify({ openai: { 'gpt-4o-mini': entry(0.0002, 0.0005) } }));
    await eventually(() => inputPrice(opened) === '0.2');
    expect(opened.status().file?.lastError).toBeNull();
  });

  it('keeps the last good edition while the file is half written, malformed or gone', async () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) } });
    const good = opened.version;
    writeFileSync(path, '{"openai": {"gpt-4o-mini": {"input_cost_per_1k_tokens": 0.00');
    await eventually(() => opened.status().file?.rejectedReloads === 1);
    expect(inputPrice(opened)).toBe('0.1');
    writeFileSync(path, JSON.stringify({ openai: { 'gpt-4o-mini': entry(0.0002, 'free') } }));
    await eventually(() => opened.status().file?.rejectedReloads === 2);
    unlinkSync(path);
    await eventually(() => opened.status().file?.rejectedReloads === 3);
    expect(inputPrice(opened)).toBe('0.1');
    expect(opened.version).toBe(good);
    expect(logged.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      expect.stringMatching(/not valid JSON.*stays in force/),
      expect.stringMatching(/openai\.gpt-4o-mini\.output_cost_per_1k_tokens must be/),
      expect.stringMatching(/cannot be read/),
    ]);
    writeFileSync(path, JSON.stringify({ openai: { 'gpt-4o-mini': entry(0.0003, 0.0005) } }));
    await eventually(() => inputPrice(opened) === '0.3');
    expect(opened.status().file).toMatchObject({ lastError: null, rejectedReloads: 3 });
  });

  it('gives models back to the list when their entries are removed', async () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) }, vllm: { own: entry(0.001, 0.001) } });
    expect(inputPrice(opened, 'own', 'vllm')).toBe('1');
    writeFileSync(path, '{}');
    await eventually(() => inputPrice(opened) === '0.15');
    expect(inputPrice(opened, 'own', 'vllm')).toBeUndefined();
  });

  it('is left alone once the catalog is closed', async () => {
    const opened = open({ openai: { 'gpt-4o-mini': entry(0.0001, 0.0005) } });
    opened.close();
    const second = createPriceCatalog({ pricesFile: path, logger, debounceMs: 10, pollIntervalMs: 50 });
    writeFileSync(path, JSON.stringify({ openai: { 'gpt-4o-mini': entry(0.0002, 0.0005) } }));
    await eventually(() => inputPrice(second) === '0.2');
    second.close();
    expect(inputPrice(opened)).toBe('0.1');
  });
});
