import type { Embedder } from '../embedder';
import { cosine, lengthOf } from './vector-math';

const question = 'How do I reset the password of my account?';
const likeQuestion = 'How can I reset my account password?';
const otherText = 'Bananas and oranges grow in warm countries.';

export interface EmbedderContractOptions {
  /** Cosine that a text's vector alone keeps with its vector in company; below 1 for models that are quantized by the batch. */
  leastCosineInCompany?: number;
  timeoutMs?: number;
}

/** What every embedder has to do. For specs only. */
export function describeEmbedderContract(
  name: string,
  create: () => Embedder | Promise<Embedder>,
  { leastCosineInCompany = 0.999_99, timeoutMs = 60_000 }: EmbedderContractOptions = {},
): void {
  describe(`${name}: embedder contract`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await create();
    });
    afterAll(() => embedder.close());

    const embedOne = async (text: string): Promise<Float32Array> => {
      const [vector] = await embedder.embed([text]);
      if (vector === undefined) throw new Error('no vector came');
      return vector;
    };

    describeVectors({ embedOne, embedder: () => embedder, leastCosineInCompany, timeoutMs });
    describeEndings({ embedder: () => embedder, create });
  });
}

interface VectorContext {
  embedOne: (text: string) => Promise<Float32Array>;
  embedder: () => Embedder;
  leastCosineInCompany: number;
  timeoutMs: number;
}

function describeVectors({ embedOne, embedder, leastCosineInCompany, timeoutMs }: VectorContext): void {
  test('a vector has the dimension that was promised and the length one', async () => {
    for (const text of [question, 'a', '42', 'SELECT * FROM t;']) {
      const vector = await embedOne(text);
      expect(vector).toHaveLength(embedder().dimension);
      expect(lengthOf(vector)).toBeCloseTo(1, 4);
    }
  });

  test('an empty text gives zeros, alone and among others', async () => {
    const [empty, full, blank] = await embedder().embed(['', question, ' \n ']);
    expect(lengthOf(empty as Float32Array)).toBe(0);
    expect(lengthOf(full as Float32Array)).toBeCloseTo(1, 4);
    expect(lengthOf(blank as Float32Array)).toBe(0);
    expect(empty).toHaveLength(embedder().dimension);
  });

  test('no texts give no vectors', async () => {
    expect(await embedder().embed([])).toEqual([]);
  });

  test('the same text gives the same vector each time, alone and in company', async () => {
    const first = await embedOne(question);
    expect(cosine(first, await embedOne(question))).toBeCloseTo(1, 5);
    const [other, again, twice] = await embedder().embed([otherText, question, question]);
    expect(cosine(first, again as Float32Array)).toBeGreaterThanOrEqual(leastCosineInCompany);
    expect(cosine(again as Float32Array, twice as Float32Array)).toBeCloseTo(1, 5);
    expect(cosine(first, other as Float32Array)).toBeLessThan(0.9);
  });

  test('vectors of two texts are no views of the same numbers', async () => {
    const [first, second] = (await embedder().embed([question, question])) as [Float32Array, Float32Array];
    first.fill(7);
    expect(lengthOf(second)).toBeCloseTo(1, 4);
  });

  test('like texts lie nearer to one another than unlike ones', async () => {
    const [a, b, c] = (await embedder().embed([question, likeQuestion, otherText])) as Float32Array[];
    expect(cosine(a as Float32Array, b as Float32Array)).toBeGreaterThan(
      cosine(a as Float32Array, c as Float32Array) + 0.2,
    );
  });

  test(
    '300 texts of very different lengths come back in their order',
    async () => {
      const texts = Array.from({ length: 300 }, (_, i) => `item ${i} ${'word '.repeat((i * 7) % 40)}`);
      const vectors = await embedder().embed(texts);
      expect(vectors).toHaveLength(300);
      for (const place of [0, 1, 150, 298, 299]) {
        const alone = await embedOne(texts[place] as string);
        const cosines = vectors.map((vector) => cosine(vector, alone));
        expect(cosines[place]).toBeGreaterThanOrEqual(leastCosineInCompany);
        expect(Math.max(...cosines) - (cosines[place] as number)).toBeLessThan(1 - leastCosineInCompany + 1e-5);
      }
    },
    timeoutMs,
  );

  test('text of any script, emoji and broken surrogates are taken', async () => {
    const texts = [
      'Wie geht’s, Jürgen?',
      'Как дела?',
      '你好吗？',
      'สวัสดี',
      '👩‍🚀🚀',
      'half \ud83d of a pair',
      '\u0000\u0007 x',
      'e\u0301',
    ];
    for (const vector of await embedder().embed(texts)) {
      expect(vector).toHaveLength(embedder().dimension);
      expect([0, 1].some((length) => Math.abs(lengthOf(vector) - length) < 1e-4)).toBe(true);
    }
  });

  test(
    'a text of 20,000 characters is taken',
    async () => {
      const long = 'The quick brown fox jumps over the lazy dog. '.repeat(445).slice(0, 20_000);
      expect(lengthOf(await embedOne(long))).toBeCloseTo(1, 4);
      expect(lengthOf(await embedOne('x'.repeat(20_000)))).toBeCloseTo(1, 4);
    },
    timeoutMs,
  );
}

interface EndingContext {
  embedder: () => Embedder;
  create: () => Embedder | Promise<Embedder>;
}

function describeEndings({ embedder, create }: EndingContext): void {
  test('a deadline that has passed is deadline_exceeded', async () => {
    const late = embedder().embed([question], { deadlineAtMs: Date.now() - 1 });
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  test('a caller that has gone is cancelled', async () => {
    const gone = embedder().embed([question], { signal: AbortSignal.abort() });
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('a deadline that is far away and a signal that stays quiet change nothing', async () => {
    const limits = { deadlineAtMs: Date.now() + 60_000, signal: new AbortController().signal };
    expect(await embedder().embed([question], limits)).toHaveLength(1);
  });

  test('after close, which may come twice, calls are refused as unavailable', async () => {
    const another = await create();
    expect(await another.embed([question])).toHaveLength(1);
    await another.close();
    await another.close();
    await expect(another.embed([question])).rejects.toMatchObject({ code: 'unavailable' });
  });
}
