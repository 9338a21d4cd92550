import fc from 'fast-check';
import { createWordSets } from './word-sets';

describe('createWordSets', () => {
  const sets = createWordSets();

  it('says how many distinct words two sets share, as sets of JavaScript do, whatever was in it before', () => {
    // Few and clashing hashes, so that words come again and slots collide.
    const hash = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 3 }).map((times) => times << 30),
    );
    const texts = fc.array(fc.array(hash, { maxLength: 12 }), { minLength: 2, maxLength: 11 });
    fc.assert(
      fc.property(texts, (text) => {
        sets.begin();
        text.forEach((words, set) => words.forEach((word) => sets.add(word, set)));
        text.forEach((words, first) =>
          text.forEach((others, second) => {
            const shared = new Set(words.filter((word) => others.includes(word))).size;
            expect(sets.shared(first, second)).toBe(shared);
          }),
        );
      }),
    );
  });
});
