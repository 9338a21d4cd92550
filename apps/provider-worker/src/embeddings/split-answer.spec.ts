import { emptyUsage } from '@costlane/domain';
import fc from 'fast-check';
import { splitAnswer } from './split-answer';

const usage = { ...emptyUsage, freshInputTokens: 7, cacheReadTokens: 2 };
const entry = (index: number, embedding: unknown) => ({ object: 'embedding', index, embedding });
const split = (answer: unknown, inputs: number) => splitAnswer(Buffer.from(JSON.stringify(answer)), inputs);

describe('the answer to an array of inputs', () => {
  it('gives each request its own vectors in order, counted from 0, whatever order they came in', () => {
    const vectors = fc.array(
      fc.oneof(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        fc.base64String({ minLength: 4 }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(vectors, fc.nat(), fc.nat(), fc.boolean(), (embeddings, a, b, isReversed) => {
        const count = embeddings.length;
        const [from, to] = [a % count, b % count].sort((x, y) => x - y) as [number, number];
        const data = embeddings.map((embedding, index) => entry(index, embedding));
        const all = {
          object: 'list',
          data: isReversed ? [...data].reverse() : data,
          model: 'm',
          usage: { prompt_tokens: 9 },
        };
        const part = split(all, count)?.part(from, to - from + 1, usage);
        expect(JSON.parse(String(part))).toEqual(
          JSON.parse(
            JSON.stringify({
              object: 'list',
              data: embeddings.slice(from, to + 1).map((embedding, index) => entry(index, embedding)),
              model: 'm',
              usage: { prompt_tokens: 9, total_tokens: 9 },
            }),
          ),
        );
      }),
    );
  });

  it('passes on the bytes of vectors and of what else it says, and no usage where there is none', () => {
    const body =
      '{ "id":"x\\"y", "data":[{"embedding":[1.50,-2e-05],"index":1} ,{"embedding":[3.0],"index":0}], "model":"é" }';
    const answer = splitAnswer(Buffer.from(body), 2);
    expect(answer?.part(1, 1, undefined).toString()).toBe(
      '{"id":"x\\"y","data":[{"embedding":[1.50,-2e-05],"index":0}],"model":"é"}',
    );
  });

  it('goes by the order where entries tell no place', () => {
    const answer = split({ usage: {}, data: [{ embedding: [1] }, { embedding: [2] }] }, 2);
    expect(answer?.part(1, 1, undefined).toString()).toBe('{"data":[{"embedding":[2]}]}');
  });

  it.each([
    ['has fewer vectors than inputs', { data: [entry(0, [1])] }],
    ['has more', { data: [entry(0, [1]), entry(1, [1]), entry(2, [1])] }],
    ['has one place twice', { data: [entry(0, [1]), entry(0, [2])] }],
    ['has a place that is none', { data: [entry(0, [1]), entry(7, [2])] }],
    ['has a place that is no number', { data: [entry(0, [1]), { index: 'x' }] }],
    ['has entries that are none', { data: [1, 2] }],
    ['has no list', { data: null }],
    ['is another document', { choices: [] }],
    ['is none', []],
  ])('cannot be taken apart when it %s', (_name, answer) => {
    expect(split(answer, 2)).toBeUndefined();
  });
});
