import { joinInputs, readInputs } from './read-inputs';

const read = (body: unknown) => readInputs(Buffer.from(JSON.stringify(body)));
const shapeOf = (body: unknown) => read(body)?.shape;

describe('the inputs of an embedding request', () => {
  it.each<[string, unknown, readonly string[], number]>([
    ['a text', 'twelve chars', ['"twelve chars"'], 3],
    ['a list of texts', ['a', 'b"'], ['"a"', '"b\\""'], 2],
    ['a list of tokens', [5, 6, 7], ['[5,6,7]'], 3],
    ['several lists of tokens', [[5], [6, 7]], ['[5]', '[6,7]'], 3],
  ])('are read from %s', (_name, input, inputs, tokens) => {
    expect(read({ model: 'm', input })).toMatchObject({ inputs, tokens, parameters: { model: 'm' } });
  });

  it.each([[''], [[]], [[[]]], [['a', '']], [['a', [1]]], [[['a']]], [7], [null], [undefined]])(
    '%j is none',
    (input) => {
      expect(read({ model: 'm', input })).toBeUndefined();
    },
  );

  it('are not read from what is no JSON object', () => {
    for (const text of ['{', '[]', 'null', '"input"']) expect(readInputs(Buffer.from(text))).toBeUndefined();
  });

  it('go together only where everything else is equal, in whatever order it stands', () => {
    const shape = shapeOf({ model: 'm', dimensions: 8, input: 'a' });
    expect(shapeOf({ input: ['b', 'c'], dimensions: 8, model: 'm' })).toBe(shape);
    for (const other of [
      { model: 'n', dimensions: 8, input: 'a' },
      { model: 'm', dimensions: 9, input: 'a' },
      { model: 'm', input: 'a' },
      { model: 'm', dimensions: 8, input: 'a', user: 'u' },
      { model: 'm', dimensions: 8, input: 'a', encoding_format: 'base64' },
      { model: 'm', dimensions: 8, input: [1] },
    ])
      expect(shapeOf(other)).not.toBe(shape);
  });

  it('are joined into one body in their order, with the parameters', () => {
    const requests = [['a', 'b'], 'c \ud83d\ude00\u2028'].flatMap(
      (input) => read({ model: 'm', dimensions: 8, input }) ?? [],
    );
    expect(JSON.parse(joinInputs(requests).toString())).toEqual({
      model: 'm',
      dimensions: 8,
      input: ['a', 'b', 'c \ud83d\ude00\u2028'],
    });
    const bare = [read({ input: 'a' })].flatMap((each) => each ?? []);
    expect(joinInputs(bare).toString()).toBe('{"input":["a"]}');
  });
});
