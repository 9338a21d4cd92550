import { createRandom } from '../training/seeded-random';
import { expandTemplate } from './expand-template';
import { families } from './families';
import { canonical, defineFamily, drawPairs, parseFrames, sharedWords } from './family';
import { createPicker } from './picker';

describe('the families', () => {
  it('have names of their own', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  });

  it('give every meaning two wordings at least, so that its texts are found in rows of both labels', () => {
    const lonely = families.flatMap(({ name, frames }) =>
      frames.flatMap((frame) =>
        frame.filter((meaning) => meaning.length < 2).map((meaning) => `${name}: ${meaning.join(' / ')}`),
      ),
    );
    expect(lonely).toEqual([]);
  });

  it.each(families)('keep the meanings of a frame apart in their texts: $name', ({ slots, frames }) => {
    const pick = createPicker(createRandom(3));
    for (let round = 0; round < 10; round += 1) {
      const filled = slots(pick);
      for (const frame of frames) {
        const meaningOf = new Map<string, number>();
        frame.forEach((meaning, index) => {
          for (const wording of meaning) {
            const text = canonical(expandTemplate(wording, filled, pick));
            expect({ text, meaning: meaningOf.get(text) ?? index }).toEqual({ text, meaning: index });
            meaningOf.set(text, index);
          }
        });
      }
    }
  });
});

describe('a frame', () => {
  it('is read from lines of meanings whose wordings stand between slashes', () => {
    expect(parseFrames('A? / B?\nC?\n\nD?\nE? / F?')).toEqual([
      [['A?', 'B?'], ['C?']],
      [['D?'], ['E?', 'F?']],
    ]);
  });

  it('is refused with one meaning only, for nothing would be different from it', () => {
    expect(() => parseFrames('A? / B?')).toThrow('one meaning alone: A? / B?');
  });

  it('is drawn as a pair of wordings of one meaning and a pair of two meanings', () => {
    const family = defineFamily('gen-x', () => ({}), 'One? / Uno?\nTwo? / Due?');
    const pick = createPicker(createRandom(1));
    const meaningOf = (text: string) => (['One?', 'Uno?'].includes(text) ? 1 : 2);
    for (let round = 0; round < 50; round += 1) {
      const [same, different] = drawPairs(family, pick);
      expect(same?.same).toBe(true);
      expect(meaningOf(same?.a ?? '')).toBe(meaningOf(same?.b ?? ''));
      expect(same?.a).not.toBe(same?.b);
      expect(different?.same).toBe(false);
      expect(meaningOf(different?.a ?? '')).not.toBe(meaningOf(different?.b ?? ''));
    }
  });
});

describe('shared words', () => {
  it('are counted against all words of both texts', () => {
    expect(sharedWords('Is Ann tall?', 'is Ann short')).toBe(0.5);
    expect(sharedWords('a b', 'c d')).toBe(0);
    expect(sharedWords('C++ now', 'c++ Now')).toBe(1);
  });
});
