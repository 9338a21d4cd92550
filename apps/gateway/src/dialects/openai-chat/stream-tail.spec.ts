import fc from 'fast-check';
import { createStreamTail } from './stream-tail';

const chunk = (content: string): string =>
  `data: {"id":"1","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;
const usage = 'data: {"id":"1","choices":[],"usage":{"total_tokens":3}}\n\n';
const done = 'data: [DONE]\n\n';

function passedBy(pieces: readonly Buffer[]) {
  const tail = createStreamTail();
  const passed = pieces.map((piece) => Buffer.from(tail.push(piece)));
  const { usageChunk, isDone, rest } = tail.finish();
  return { text: Buffer.concat(passed).toString('latin1'), usageChunk, isDone, rest: rest.toString('latin1') };
}
const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

const streams: [string, string][] = [
  ['ordinary', chunk('a') + chunk('ä😀') + usage + done],
  ['with CRLF line ends', (chunk('a') + chunk('b') + usage + done).replace(/\n/g, '\r\n')],
  ['with spaces in its usage chunk', chunk('a') + usage.replace('"choices":[]', '"choices": []') + done],
  ['with comments and event names', `: hello\n\nevent: message\n${chunk('a')}: ping\n\n${usage}${done}`],
  ['with more empty lines than are needed', `\n${chunk('a')}\n\n${chunk('b')}\n${usage}\n${done}\n`],
  ['that talks of itself', chunk('data: [DONE]\n\n') + chunk('"choices":[]') + usage + done],
  ['without usage', chunk('a') + done],
  ['without an end', chunk('a') + 'data: {"choices":[{"del'],
  ['with an empty chunk that is no usage', 'data: {"choices":[],"usage":null}\n\n' + chunk('a') + usage + done],
  ['with data over two lines', 'data: {"choices":[],\ndata: "usage":{"total_tokens":3}}\n\n' + done],
  ['empty', ''],
];

describe('createStreamTail', () => {
  it('keeps back usage and end, and lets everything else through untouched', () => {
    const { text, usageChunk, isDone, rest } = passedBy([Buffer.from(chunk('a') + chunk('b') + usage + done)]);
    expect(text).toBe(chunk('a') + chunk('b'));
    expect(usageChunk).toEqual({ id: '1', choices: [], usage: { total_tokens: 3 } });
    expect([isDone, rest]).toEqual([true, '']);
  });

  it('lets a chunk through that has no choices and no usage', () => {
    const filters = 'data: {"choices":[],"prompt_filter_results":[1]}\n\n';
    expect(passedBy([Buffer.from(filters + chunk('a') + done)]).text).toBe(filters + chunk('a'));
  });

  it('tells text about the end from the end', () => {
    const talk = chunk('data: [DONE]\n\n') + chunk('"choices":[]');
    expect(passedBy([Buffer.from(talk + done)])).toMatchObject({ text: talk, isDone: true, usageChunk: undefined });
  });

  it('gives back what was no whole event', () => {
    expect(passedBy([Buffer.from(`${chunk('a')}data: {"cho`)])).toMatchObject({
      text: chunk('a'),
      rest: 'data: {"cho',
    });
  });

  it('passes whole events on as they are, without a copy', () => {
    const bytes = Buffer.from(chunk('a'));
    expect(createStreamTail().push(bytes)).toBe(bytes);
  });

  it.each(streams)('gives the same for a stream %s, wherever it is cut in two', (_, stream) => {
    const bytes = Buffer.from(stream);
    const whole = passedBy([bytes]);
    for (let at = 0; at <= bytes.length; at++) expect(passedBy(cutAt(bytes, [at]))).toEqual(whole);
    expect(passedBy(cutAt(bytes, [...bytes.keys()]))).toEqual(whole);
  });

  it('gives the same for any stream in any pieces', () => {
    const anyStream = fc
      .array(
        fc.constantFrom(
          ...streams.map(([, stream]) => stream),
          chunk('x'),
          usage,
          done,
          '\n',
          ': c\n\n',
          'data: x\r\n\r\n',
        ),
        {
          maxLength: 8,
        },
      )
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(anyStream, fc.array(fc.nat(2_000), { maxLength: 12 }), (bytes, cuts) => {
        const within = cuts.map((cut) => cut % (bytes.length + 1));
        expect(passedBy(cutAt(bytes, within))).toEqual(passedBy([bytes]));
      }),
      { numRuns: 500 },
    );
  });
});
