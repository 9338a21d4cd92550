import fc from 'fast-check';
import { differingCore, editDistance } from './edit-distance';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

describe('editDistance', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('recieve', 'receive', 2)).toBe(1);
  });

  it('gives up above the limit', () => {
    expect(editDistance('kitten', 'sitting', 2)).toBe(3);
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
  });

  it('does not depend on which word comes first, and is 0 for equal words alone', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b, 3);
        expect(editDistance(b, a, 3)).toBe(distance);
        expect(distance === 0).toBe(a === b);
      }),
    );
  });
});

describe('differingCore', () => {
  it('leaves the common beginning and end out', () => {
    expect(differingCore('howtoplaychess', 'howtolearnchess', 60)).toBe(5);
    expect(differingCore('same', 'same', 60)).toBe(0);
  });
});
