import fc from 'fast-check';
import { createUsageChunkFilter } from './usage-chunk-filter';

const event = (json: object | string) => `data: ${typeof json === 'string' ? json : JSON.stringify(json)}\n\n`;
const content = (text: string) => event({ choices: [{ index: 0, delta: { content: text } }], usage: null });
const usage = event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } });
const done = event('[DONE]');

function filter(text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const usageFilter = createUsageChunkFilter();
  const kept: Buffer[] = [];
  let from = 0;
  for (const at of [...cuts, bytes.length].sort((a, b) => a - b)) {
    kept.push(usageFilter.push(bytes.subarray(from, at)));
    from = at;
  }
  return Buffer.concat([...kept, usageFilter.end()]).toString();
}

describe('createUsageChunkFilter', () => {
  it('takes out the usage event and nothing else, wherever the bytes were split', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('{"choices":[],"usage":{"prompt_tokens":1}}'));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(2_000)), (texts, cuts) => {
        const contents = texts.map(content).join('');
        const stream = contents + usage + done;
        const size = Buffer.byteLength(stream);
        expect(
          filter(
            stream,
            cuts.filter((at) => at < size),
          ),
        ).toBe(contents + done);
      }),
    );
  });

  it('passes blocks without a usage event on as the same bytes', () => {
    const block = Buffer.from(content('a') + content('b') + done);
    expect(createUsageChunkFilter().push(block)).toBe(block);
  });

  it('keeps usage that comes with content', () => {
    const both = event({ choices: [{ index: 0, delta: { content: 'x' } }], usage: { prompt_tokens: 1 } });
    expect(filter(both + usage + done)).toBe(both + done);
  });

  it('reads CRLF and spaced JSON', () => {
    const spaced = 'data: {"choices": [], "usage": {"prompt_tokens": 1}}\r\n\r\n';
    const first = content('a').replaceAll('\n', '\r\n');
    expect(filter(first + spaced + 'data: [DONE]\r\n\r\n')).toBe(`${first}data: [DONE]\r\n\r\n`);
  });

  it('hands out what is left at the end, complete or not', () => {
    expect(filter(`${content('a')}data: {"cho`)).toBe(`${content('a')}data: {"cho`);
  });
});
