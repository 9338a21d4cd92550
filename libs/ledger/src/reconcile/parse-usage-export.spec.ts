import fc from 'fast-check';
import { nanoUsdFrom } from './decimal';
import { parseUsageExport } from './parse-usage-export';
import {
  anthropicCostPage,
  anthropicUsageCsv,
  anthropicUsagePage,
  genericCsv,
  openAiCostsCsv,
  openAiCostsPage,
  openAiUsageCsv,
  openAiUsagePage,
} from './testing/sample-exports';

const day = '2026-11-20';
const gpt = { day, model: 'gpt-4o-2024-08-06' };
const claude = { day, model: 'claude-sonnet-4-20250514' };
const openAiTokens = { uncached_input: 1_000n, cache_read: 4_000n, all_output: 1_000n };
const anthropicTokens = {
  fresh_input: 1_500n,
  cache_read: 200n,
  cache_write_short: 500n,
  cache_write_long: 1_000n,
  all_output: 510n,
};

describe('a usage export', () => {
  it('of OpenAI’s API has its cached tokens within the input', () => {
    expect(parseUsageExport(JSON.stringify(openAiUsagePage))).toEqual({
      kind: 'openai.usage',
      rows: [
        { ...gpt, tokens: openAiTokens },
        { day, model: 'text-embedding-3-small', tokens: { uncached_input: 70n, cache_read: 0n, all_output: 0n } },
      ],
      notes: [],
    });
  });

  it('of Anthropic’s API has four kinds of input apart', () => {
    const { kind, rows } = parseUsageExport(JSON.stringify(anthropicUsagePage), 'json');
    expect([kind, rows]).toEqual(['anthropic.usage_report', [{ ...claude, tokens: anthropicTokens }]]);
  });

  it('may be pages of usage and of costs: dollars of OpenAI’s, cents of Anthropic’s', () => {
    const { kind, rows } = parseUsageExport(JSON.stringify([openAiUsagePage, openAiCostsPage]));
    expect(kind).toBe('openai.costs + openai.usage');
    expect(rows.slice(2)).toEqual([
      { ...gpt, tokens: {}, costNanoUsd: 60_000_000n },
      { ...gpt, tokens: {}, costNanoUsd: 100n },
    ]);
    const costs = parseUsageExport(JSON.stringify(anthropicCostPage));
    expect(costs.rows).toEqual([{ ...claude, tokens: {}, costNanoUsd: 1_237_891_200n }]);
    expect(costs.notes).toEqual([expect.stringContaining('not complete')]);
  });

  it('comes as CSV, with quotes, in buckets of a minute, with lines that say nothing', () => {
    const bom = '\uFEFF';
    expect(parseUsageExport(bom + openAiUsageCsv)).toMatchObject({
      kind: 'openai.usage.csv',
      rows: [
        { ...gpt, tokens: { uncached_input: 500n, cache_read: 2_500n, all_output: 600n } },
        { ...gpt, tokens: { uncached_input: 500n, cache_read: 1_500n, all_output: 400n } },
      ],
    });
    expect(parseUsageExport(openAiCostsCsv).rows).toEqual([{ ...gpt, tokens: {}, costNanoUsd: 895_874_000n }]);
    expect(parseUsageExport(anthropicUsageCsv)).toMatchObject({
      kind: 'anthropic.console.usage.csv',
      rows: [{ ...claude, tokens: anthropicTokens }],
    });
  });

  it('of any other provider comes in our own form', () => {
    expect(parseUsageExport(genericCsv, 'csv').rows).toEqual([
      { day, model: 'command-a', tokens: { fresh_input: 1_000n }, costNanoUsd: 2_500_000n },
      { day, model: 'command-a', tokens: { output: 200n }, costNanoUsd: 2_000_000n },
      { day, model: 'command-a', tokens: {}, costNanoUsd: 1n },
    ]);
  });

  it.each([
    ['{"data":', 'as a whole'],
    ['{"data":{}}', 'as a whole'],
    ['{"data":[{"start_time":"soon","results":[]}]}', 'data[0].start_time'],
    ['{"data":[{"start_time":1795132800,"results":[{"x":1}]}]}', 'data[0].results[0]'],
    [JSON.stringify([openAiUsagePage, 3]), '[1]'],
    [JSON.stringify(openAiUsagePage).replace('5000', '"many"'), 'data[0].results[0].input_tokens'],
    [JSON.stringify(openAiUsagePage).replace('5000', '3999'), 'data[0].results[0]'],
    [JSON.stringify(openAiCostsPage).replace('usd', 'eur'), 'data[0].results[0].amount.currency'],
    ['a,b\n1,2', 'line 1'],
    [genericCsv.replace('1000', '1e3'), 'line 2, tokens'],
    [genericCsv.replace('output', 'outputs'), 'line 3, token_class'],
    [genericCsv.replace('2026-11-20', '20.11.2026'), 'line 2, day'],
    [`${genericCsv}\n2026-11-21,"command`, 'line '],
    [`${genericCsv}\n2024-01-01,command-a,output,1,`, '400 days'],
  ])('that is wrong is refused, naming the place: %.40s', (text, place) => {
    expect(() => parseUsageExport(text)).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: 'body', message: expect.stringContaining(place) }),
    );
  });

  it('may begin with a byte order mark, as saved by some editors', () => {
    expect(parseUsageExport(`\uFEFF${JSON.stringify(openAiUsagePage)}`).kind).toBe('openai.usage');
    expect(parseUsageExport(`\uFEFF${genericCsv}`).kind).toBe('generic.csv');
  });

  // In a zone east of Greenwich the machine's own midnight is the day before.
  it.each(['2026-11-20T00:00:00', '2026-11-20 00:00', '2026-11-20T23:59:59.999', '2026-11-20T23:59:59Z'])(
    'takes %s for a UTC time, wherever the machine is',
    (time) => {
      const { rows } = parseUsageExport(`day,model,token_class,tokens\n${time},m,output,1\n`);
      expect(rows).toMatchObject([{ day: '2026-11-20' }]);
    },
  );

  it('of another format than it says is refused', () => {
    expect(() => parseUsageExport(genericCsv, 'xml')).toThrow(expect.objectContaining({ field: 'format' }));
    expect(() => parseUsageExport(genericCsv, 'json')).toThrow('not valid JSON');
  });

  it('has amounts that are read from their digits', () => {
    const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    fc.assert(
      fc.property(amount, (nano) => {
        const [sign, digits] = [nano < 0n ? '-' : '', String(nano < 0n ? -nano : nano).padStart(10, '0')];
        const text = `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
        expect(nanoUsdFrom(text, 'x')).toBe(nano);
        expect(nanoUsdFrom(`${text}4`, 'x')).toBe(nano);
      }),
    );
    expect([nanoUsdFrom('0.0000000005', 'x'), nanoUsdFrom(1e-10, 'x'), nanoUsdFrom('1.5', 'x', 'cents')]).toEqual([
      1n,
      0n,
      15_000_000n,
    ]);
    for (const wrong of ['', '1,5', 'NaN', null, '0x1', '1e400'])
      expect(() => nanoUsdFrom(wrong, 'x')).toThrow('amount');
  });
});
