import fc from 'fast-check';
import { costOfUsage } from '../money/cost-of-usage';
import { anyFullPrice } from '../money/money-arbitraries';
import type { ModelPrice } from '../money/model-price';
import { emptyUsage, promptTokensOf } from '../money/token-usage';
import { scanRequestSize, type RequestSize } from './scan-request-size';
import { worstCaseCost, type WorstCaseModel } from './worst-case-cost';

const sizeOf = (body: object): RequestSize => scanRequestSize(Buffer.from(JSON.stringify(body)));
const price = (perMillion: ModelPrice['perMillion'], more: Partial<ModelPrice> = {}): ModelPrice => ({
  provider: 'test',
  model: 'test',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion,
  ...more,
});
const cheap: WorstCaseModel = {
  price: price({ freshInput: '1', output: '2' }),
  contextTokens: 100_000,
  maxOutputTokens: 4_000,
};
const dear: WorstCaseModel = { ...cheap, price: price({ freshInput: '10', output: '20' }) };
const defaults = { outputTokens: 8_000, unpricedNanoUsd: undefined };
const once = { isConfidenceChecked: false, isHedged: false };
const text = (bytes: number): string => 'x'.repeat(bytes);

describe('the size of a request', () => {
  it('has the limit of its answer from its own fields, and not from what looks like one elsewhere', () => {
    const messages = [{ role: 'user', content: '"max_tokens":1, {"n":9}', metadata: { max_tokens: 1, n: 50 } }];
    expect(sizeOf({ messages })).toMatchObject({ maxOutputTokens: undefined, answers: 1 });
    expect(sizeOf({ messages, max_tokens: 7, n: 3 })).toMatchObject({ maxOutputTokens: 7, answers: 3 });
    expect(sizeOf({ max_tokens: 5, max_completion_tokens: 9 }).maxOutputTokens).toBe(9);
    expect(sizeOf({ input: 'a "max_output_tokens": 3 \\', max_output_tokens: 11 }).maxOutputTokens).toBe(11);
    expect(scanRequestSize(Buffer.from('{ "max_tokens" : 1e3 , "n" : null }'))).toMatchObject({
      maxOutputTokens: 1_000,
      answers: 1,
    });
  });

  it('counts pictures and sound as such, in the dialects of all doors', () => {
    const base64 = Buffer.alloc(30_000, 7).toString('base64');
    const chat = {
      messages: [{ content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } }] }],
    };
    expect(sizeOf(chat)).toMatchObject({ images: 1, audioCharacters: 0 });
    expect(sizeOf(chat).textBytes).toBeLessThan(200);
    const responses = { input: [{ content: [{ type: 'input_image', image_url: `data:image/png;base64,${base64}` }] }] };
    expect(sizeOf(responses)).toMatchObject({ images: 1 });
    expect(sizeOf(responses).textBytes).toBeLessThan(200);
    const source = { type: 'base64', media_type: 'image/png', data: base64 };
    const claude = sizeOf({ messages: [{ content: [{ type: 'image', source }] }] });
    expect([claude.images, claude.audioCharacters, claude.textBytes < 200]).toEqual([1, 0, true]);
    const sound = sizeOf({ messages: [{ content: [{ input_audio: { data: base64, format: 'wav' } }] }] });
    expect([sound.images, sound.audioCharacters, sound.textBytes < 200]).toEqual([0, 40_000, true]);
    expect(sizeOf({ messages: [{ content: [{ image_url: { url: 'https://x.example/a.png' } }] }] }).images).toBe(1);
  });

  it('takes text for text wherever it stands', () => {
    const words = 'many words of text '.repeat(500);
    for (const body of [
      { input: { media_type: 'image/png', data: words } },
      { image_url: { url: `data:image/png;base64,${words}` } },
      { url: words },
      { data: Buffer.alloc(9_000, 7).toString('base64') },
    ])
      expect(sizeOf(body).textBytes).toBe(Buffer.byteLength(JSON.stringify(body)));
  });

  it('reads a key for what it means, however it is written', () => {
    const body = Buffer.from('{"max_tokens":1,"max\\u005ftokens":100000,"\\u006e":9,"previous_\\u0072esponse_id":"r"}');
    expect(scanRequestSize(body)).toMatchObject({ maxOutputTokens: 100_000, answers: 9, hasUnseenInput: true });
  });

  it('takes for text what is billed as such, though it looks like a picture: in tools, and in their calls', () => {
    const letters = text(9_000);
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: letters } };
    const hidden = [
      { image_url: { url: `data:image/png;base64,${letters}` } },
      { input_audio: { data: letters } },
      picture,
    ];
    for (const each of hidden)
      for (const body of [
        { messages: [], tools: [{ function: { parameters: each } }] },
        { messages: [{ content: [{ type: 'tool_use', input: { deep: each } }] }] },
        { response_format: { json_schema: each }, messages: [] },
      ])
        expect(sizeOf(body).textBytes).toBe(Buffer.byteLength(JSON.stringify(body)));
    const after = { messages: [{ content: [{ type: 'tool_use', input: { a: { b: [1] } } }, picture] }] };
    expect(sizeOf(after)).toMatchObject({ images: 1 });
    expect(sizeOf(after).textBytes).toBeLessThan(300);
  });

  it('does not tell the length of a document by the bytes that it is packed into', () => {
    const pdf = Buffer.from(`%PDF-1.7 ${text(50)}`).toString('base64');
    const source = { data: pdf, type: 'base64', media_type: 'application/pdf' };
    for (const content of [
      [{ type: 'document', source }],
      [{ source, type: 'document' }],
      [{ type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}` } }],
      [{ type: 'input_file', file_data: pdf }],
    ])
      expect(sizeOf({ messages: [{ content }] }).hasUnseenInput).toBe(true);
  });

  it('says where something is referred to that it does not hold', () => {
    expect(sizeOf({ previous_response_id: 'resp_1', input: 'go on' }).hasUnseenInput).toBe(true);
    expect(sizeOf({ input: [{ type: 'input_file', file_id: 'file_1' }] }).hasUnseenInput).toBe(true);
    const source = { type: 'url', url: 'https://x.example/a.pdf' };
    expect(sizeOf({ messages: [{ content: [{ type: 'document', source }] }] }).hasUnseenInput).toBe(true);
    expect(sizeOf({ messages: [{ content: 'file_id' }] }).hasUnseenInput).toBe(false);
  });
});

describe('the worst case of a request', () => {
  it('is its bytes at the input rate and its limit at the output rate', () => {
    const size = sizeOf({ messages: [{ content: text(10_000) }], max_tokens: 100 });
    const cost = worstCaseCost(size, { models: [cheap], ...once }, defaults);
    expect(cost).toBeGreaterThanOrEqual(10_000 * 1_000 + 100 * 2_000);
    expect(cost).toBeLessThan(11_200 * 1_000 + 100 * 2_000);
  });

  it('is never more input than the model takes, and its longest answer where the request sets no limit', () => {
    const size = sizeOf({ messages: [{ content: text(1_000_000) }] });
    const cost = worstCaseCost(size, { models: [cheap], ...once }, defaults) ?? 0;
    expect(cost - (100_000 * 1_000 + 4_000 * 2_000)).toBeLessThan(20);
    const unknown = { ...cheap, maxOutputTokens: 0 };
    const longer = worstCaseCost(size, { models: [unknown], ...once }, defaults) ?? 0;
    expect(longer - cost).toBe(4_000 * 2_000);
  });

  it('is that of the dearest model it may fall back to, and of two where two may be paid', () => {
    const size = sizeOf({ messages: [{ content: text(1_000) }], max_tokens: 10 });
    const of = (models: WorstCaseModel[], more = {}) =>
      worstCaseCost(size, { models, ...once, ...more }, defaults) ?? 0;
    expect(of([cheap, dear])).toBe(of([dear]));
    expect(of([cheap, dear, cheap], { isConfidenceChecked: true })).toBe(of([dear]) + of([cheap]));
    expect(of([cheap], { isHedged: true })).toBe(2 * of([cheap]));
  });

  it('cannot be told of a model without a price, unless something is assumed', () => {
    const unpriced = { contextTokens: 0, maxOutputTokens: 0 };
    const size = sizeOf({});
    expect(worstCaseCost(size, { models: [cheap, unpriced], ...once }, defaults)).toBeUndefined();
    expect(worstCaseCost(size, { models: [unpriced], ...once }, { ...defaults, unpricedNanoUsd: 77 })).toBe(77);
  });

  it('counts what is written to a cache, tiers, regions and long prompts at the dearest that may come', () => {
    const size = sizeOf({ messages: [{ content: text(20_000) }], max_tokens: 10 });
    const of = (own: ModelPrice, asked = size) =>
      worstCaseCost(asked, { models: [{ ...cheap, price: own }], ...once }, defaults) ?? 0;
    const plain = of(price({ freshInput: '1', output: '2' }));
    expect(of(price({ freshInput: '1', output: '2', cacheWriteLong: '2' })) / plain).toBeCloseTo(2, 1);
    expect(of(price({ freshInput: '1', output: '2' }, { regions: { us: { multiplier: '1.5' } } })) / plain).toBeCloseTo(
      1.5,
      1,
    );
    const banded = price(
      { freshInput: '1', output: '2' },
      { longPromptBands: [{ thresholdTokens: 10_000, inputMultiplier: '2', outputMultiplier: '2' }] },
    );
    expect(of(banded) / plain).toBeCloseTo(2, 1);
    const tiered = price(
      { freshInput: '1', output: '2' },
      { serviceTiers: { priority: { multiplier: '3' }, flex: { multiplier: '0.5' } } },
    );
    expect(of(tiered)).toBe(plain);
    expect(of(tiered, { ...size, namesServiceTier: true }) / plain).toBeCloseTo(3, 1);
  });

  it('is never below what the request costs, whatever its price and however its tokens are counted', () => {
    const shares = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100));
    fc.assert(
      fc.property(
        anyFullPrice,
        fc.nat(1_500_000),
        shares,
        fc.nat(5_000),
        fc.nat(100),
        (own, bytes, parts, limit, reasoned) => {
          const total = Math.max(1, parts[0] + parts[1] + parts[2] + parts[3]);
          const [fresh, read, short, long] = parts.map((part) => Math.floor((bytes * part) / total)) as [
            number,
            number,
            number,
            number,
          ];
          const reasoningTokens = Math.floor((limit * reasoned) / 100);
          const usage = {
            ...emptyUsage,
            freshInputTokens: fresh,
            cacheReadTokens: read,
            cacheWriteShortTokens: short,
            cacheWriteLongTokens: long,
            outputTokens: limit - reasoningTokens,
            reasoningTokens,
          };
          expect(promptTokensOf(usage)).toBeLessThanOrEqual(bytes);
          const size: RequestSize = { ...sizeOf({}), textBytes: bytes, maxOutputTokens: limit, namesServiceTier: true };
          const model = { price: own, contextTokens: 0, maxOutputTokens: 0 };
          const worst = worstCaseCost(size, { models: [model], ...once }, defaults) ?? 0;
          for (const serviceTier of ['standard', 'flex', 'priority', 'batch'])
            expect(costOfUsage(usage, own, { serviceTier }).totalNanoUsd).toBeLessThanOrEqual(worst);
        },
      ),
    );
  });
});
