import { readEmbeddings } from './read-embeddings';

const answer = (data: unknown): string => JSON.stringify({ object: 'list', data });

describe('reading an embeddings answer', () => {
  test('puts the vectors in the order of their index, at unit length', () => {
    const body = answer([
      { index: 1, embedding: [0, 5] },
      { index: 0, embedding: [3, 4] },
    ]);
    const vectors = readEmbeddings(body, 2, 2).map((vector) => [...vector]);
    expect(vectors[0]).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
    expect(vectors[1]).toEqual([0, 1]);
  });

  test('takes the order as it comes where a server sends no index', () => {
    const vectors = readEmbeddings(answer([{ embedding: [1, 0] }, { embedding: [0, 1] }]), 2, 2);
    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('reads base64 of float32', () => {
    const embedding = Buffer.from(Float32Array.of(0, -2).buffer).toString('base64');
    expect([...(readEmbeddings(answer([{ index: 0, embedding }]), 1, 2)[0] ?? [])]).toEqual([0, -1]);
  });

  test.each([
    ['not JSON', '<html>', 'is not JSON'],
    ['no object', 'null', 'no "data"'],
    ['no data', '{"error":{}}', 'no "data"'],
    ['too few vectors', answer([]), '0 vectors for 1 texts'],
    ['too many', answer([{ embedding: [1, 0] }, { embedding: [1, 0] }]), '2 vectors for 1 texts'],
    ['no vector', answer([{ index: 0 }]), 'no vector'],
    ['null for an entry', answer([null]), 'no vector'],
    ['words in a vector', answer([{ embedding: [1, 'x'] }]), 'no vector'],
    ['null in a vector', answer([{ embedding: [1, null] }]), 'no vector'],
    ['a number beyond float32', answer([{ embedding: [1, 1e300] }]), 'no number'],
    ['zeros', answer([{ embedding: [0, 0] }]), 'zeros'],
    ['another dimension', answer([{ embedding: [1, 2, 3] }]), '3 numbers instead of 2'],
    ['base64 that is cut off', answer([{ embedding: 'AAAAAAA=' }]), 'no vector'],
    ['an index beyond the texts', answer([{ index: 1, embedding: [1, 0] }]), 'wrongly'],
    ['an index between two', answer([{ index: 0.5, embedding: [1, 0] }]), 'wrongly'],
    ['an index that is a word', answer([{ index: 'length', embedding: [1, 0] }]), 'wrongly'],
  ])('refuses %s', (_, body, words) => {
    expect(() => readEmbeddings(body, 1, 2)).toThrow(words);
  });

  test('refuses an index that comes twice', () => {
    const body = answer([
      { index: 0, embedding: [1, 0] },
      { index: 0, embedding: [0, 1] },
    ]);
    expect(() => readEmbeddings(body, 2, 2)).toThrow('wrongly');
  });

  test('says nothing of what the answer holds', () => {
    const caught = (() => {
      try {
        readEmbeddings('the secret text', 1, 2);
      } catch (error) {
        return error as Error;
      }
      return undefined;
    })();
    expect(`${caught?.message} ${String(caught?.cause)}`).not.toContain('secret');
  });
});
