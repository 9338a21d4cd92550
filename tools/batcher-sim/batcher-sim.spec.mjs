import { loadLibrary } from './load-library.mjs';
import { readOptions } from './options.mjs';
import { renderMarkdown, renderText, tablesOf } from './report.mjs';
import { compare } from './simulate.mjs';
import { parseTrace, placesFor } from './trace.mjs';

const names = ['mixed', 'overload10', 'flood'];

describe('the simulation of the batcher', () => {
  let library;
  beforeAll(async () => (library = await loadLibrary()));

  test('spares calls that no batcher spares, and says the same for the same seed', () => {
    const options = readOptions(['--count', '1500', '--seed', '3'], names);
    const result = compare(library, options);
    const [none, batcher] = result.rows;
    expect(none.sharedCalls).toBe(0);
    expect(batcher.sharedCalls).toBeGreaterThan(20);
    expect(batcher.commonCostUsd).toBeLessThan(none.commonCostUsd);
    expect(compare(library, options)).toEqual(result);
  });

  test('tells what a flood does to the others, in text and in Markdown', () => {
    const result = compare(library, readOptions(['--synthetic', 'flood', '--count', '1500'], names));
    expect(result.flood.map(({ scheduler, flooded }) => [scheduler, flooded.unanswered === 0])).toContainEqual([
      'batcher',
      true,
    ]);
    const tables = tablesOf(result);
    expect(renderText(tables)).toContain('p95 ms with it');
    expect(renderMarkdown(tables)).toContain('| --- |');
  });

  test('runs several batchers, and callers that come back', () => {
    const options = ['--synthetic', 'overload10', '--count', '2000', '--places', '16', '--batchers', '3'];
    const [, once] = compare(library, readOptions(options, names)).rows;
    const [, again] = compare(library, readOptions([...options, '--retries', '2'], names)).rows;
    expect(once.tries).toBe(2000);
    expect(again.tries).toBeGreaterThan(2000);
    expect(again.answered).toBeGreaterThan(once.answered);
  });

  test('takes as many places as a trace fills to the asked share', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `${i},1000,100`);
    const arrivals = parseTrace(`t_s,prompt_tokens,output_tokens\r\n${lines.join('\r\n')}\r\n`);
    const serviceS = library.meanServiceMs(arrivals, library.defaultProvider) / 1_000;
    expect(placesFor(library, arrivals, 0.5)).toBe(Math.ceil(((serviceS * 100) / 99) * 2));
  });
});

describe('the trace', () => {
  test('keeps conversations with one tenant', () => {
    const [a, b] = parseTrace('t_s,prompt_tokens,output_tokens,prefix_blocks\n0,9,9,0 7 8\n1,9,9,0 7 9');
    expect(a.tenantId).toBe(b.tenantId);
    expect(a.blocks).toEqual(['0', '7', '8']);
  });

  test('is refused without the columns that are needed', () => {
    expect(() => parseTrace('t_s,output_tokens\n0,1')).toThrow('prompt_tokens');
  });
});

describe('the options', () => {
  test('name what is wrong', () => {
    expect(() => readOptions(['--synthetic', 'calm'], names)).toThrow('mixed, overload10, flood');
    expect(() => readOptions(['--seed', 'x'], names)).toThrow('--seed');
    expect(() => readOptions(['--batchers', '0'], names)).toThrow('--batchers');
    expect(() => readOptions(['--trace', 'a', '--synthetic', 'flood'], names)).toThrow('exclude');
    expect(() => readOptions(['--nonsense'], names)).toThrow('sim:batcher');
  });
});
