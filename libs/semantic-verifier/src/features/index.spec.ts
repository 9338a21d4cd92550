import { loadStaticModel } from '@costlane/embedding';
import fc from 'fast-check';
import { createFeatureExtractor } from './index';

const extractor = createFeatureExtractor(loadStaticModel());

function features(a: string, b: string, denseCosine?: number): Map<string, number> {
  const into = new Float32Array(extractor.names.length).fill(-99);
  extractor.extract(extractor.prepare(a), extractor.prepare(b), denseCosine, into);
  return new Map(extractor.names.map((name, index) => [name, into[index] ?? -99]));
}

const veto = (a: string, b: string) => extractor.veto(extractor.prepare(a), extractor.prepare(b));

const text = fc
  .array(
    fc.constantFrom(
      'How',
      'do',
      'I',
      'not',
      'twenty',
      '7',
      'Paris',
      'paris',
      'cat',
      'dog',
      'before',
      'after',
      'zebra',
      'recieve',
      'C++',
      '?',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(' '));

describe('features of a pair', () => {
  it('have a name each, no name twice', () => {
    expect(new Set(extractor.names).size).toBe(extractor.names.length);
  });

  it('see formatting, politeness, contractions and spelt numbers as nothing', () => {
    for (const [a, b] of [
      ['How many legs do 4 cats have?', 'HOW MANY LEGS DO FOUR CATS HAVE'],
      ["What's the capital of France?", 'Hello! What is the capital of france ??? Thanks.'],
      ['He bought twenty-four eggs for $3.00', 'he bought 24 eggs for $3'],
    ] as const) {
      expect(features(a, b).get('key_equal')).toBe(1);
      expect(veto(a, b)).toBeUndefined();
    }
  });

  it('are the same whichever text comes first, but for the alignment of repeated words', () => {
    const symmetric = [
      'key_equal',
      'compact_equal',
      'words_min',
      'words_max',
      'negation_parity',
      'core_jaccard',
      'static_cosine',
      'kind_low',
      'kind_high',
    ];
    fc.assert(
      fc.property(text, text, (a, b) => {
        const there = features(a, b, 0.5);
        const back = features(b, a, 0.5);
        for (const name of symmetric) expect(back.get(name)).toBeCloseTo(there.get(name) ?? Number.NaN, 4);
      }),
    );
  });

  it('are all written, finite or NaN, for any two texts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), text, (a, b) => {
        for (const value of features(a, b).values())
          expect(value !== -99 && (Number.isNaN(value) || Number.isFinite(value))).toBe(true);
      }),
    );
  });

  it('of a text with itself say that nothing differs', () => {
    fc.assert(
      fc.property(text, (a) => {
        const found = features(a, a);
        for (const name of ['missing_max', 'moved', 'gaps', 'negation_parity', 'core_chars'])
          expect(found.get(name)).toBe(0);
        expect(veto(a, a)).toBeUndefined();
      }),
    );
  });

  it('have no cosine by a contextual embedder where none is given', () => {
    expect(features('a cat', 'a dog').get('dense_cosine')).toBeNaN();
    expect(features('a cat', 'a dog', 0.5).get('dense_cosine')).toBe(0.5);
  });

  it('tell what changed places around "and" from what changed places around a verb', () => {
    const list = features(
      'What is the difference between cats and dogs?',
      'What is the difference between dogs and cats?',
    );
    expect(list.get('same_bag')).toBe(1);
    expect(list.get('hinge_joins')).toBe(1);
    expect(list.get('exchange_kind')).toBe(2);
    const verb = features('Do cats chase dogs?', 'Do dogs chase cats?');
    expect(verb.get('same_bag')).toBe(1);
    expect(verb.get('hinge_joins')).toBe(0);
    expect(verb.get('exchange_kind')).toBe(1);
    expect(verb.get('moved_content')).toBeGreaterThan(0);
  });

  it('find compounds, acronyms, typing errors and synonyms again', () => {
    const missing = (a: string, b: string) => features(a, b).get('missingContent_max');
    expect(missing('best startup ideas', 'best start up ideas')).toBe(0);
    expect(missing('how to learn machine vision', 'how to learn mv')).toBe(0);
    expect(missing('which promotions can we get', 'which promoitons can we get')).toBe(0);
    expect(missing('how to purchase a car', 'how to buy an automobile')).toBe(0);
  });

  it('of texts of thousands of words take bounded work', () => {
    const long = Array.from({ length: 6_000 }, (_, index) => `word${index % 977}`).join(' ');
    const other = Array.from({ length: 6_000 }, (_, index) => `term${index % 983}`).join(' ');
    expect(features(long, other).get('words_max')).toBe(2_048);
  });
});
