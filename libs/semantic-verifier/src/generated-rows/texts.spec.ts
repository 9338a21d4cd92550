import fc from 'fast-check';
import { createRandom } from '../training/seeded-random';
import { articleFor, expandTemplate } from './expand-template';
import { numberWord } from './families/values';
import { pluralOf } from './inflect';
import { createPicker } from './picker';
import { misspell, roughen } from './rough-text';
import { tableOf } from './words/lists';

const pickOf = (seed: number) => createPicker(createRandom(seed));
const seeds = fc.integer({ min: 0, max: 0x7fffffff });

describe('a template', () => {
  it('is filled, with one of the alternatives chosen, the right article and a capital', () => {
    const text = expandTemplate('is {a} a(n) [{b}|{b}]? ', { a: 'Ann', b: 'engineer' }, pickOf(1));
    expect(text).toBe('Is Ann an engineer?');
  });

  it('takes alternatives within alternatives and empty ones', () => {
    const texts = new Set(Array.from({ length: 60 }, (_, seed) => expandTemplate('x [a [b|c]|] y?', {}, pickOf(seed))));
    expect([...texts].sort()).toEqual(['X a b y?', 'X a c y?', 'X y?']);
  });

  it('is refused where nobody fills a slot', () => {
    expect(() => expandTemplate('Is {nobody} there?', {}, pickOf(1))).toThrow('nothing fills {nobody}');
  });
});

describe('words', () => {
  it.each([
    ['engineer', 'an'],
    ['unicorn', 'a'],
    ['unlucky', 'an'],
    ['hour', 'an'],
    ['house', 'a'],
    ['European', 'a'],
    ['XML', 'an'],
    ['MP3', 'an'],
    ['umpire', 'an'],
    ['user', 'a'],
  ])('takes the article by sound: %s', (word, article) => {
    expect(articleFor(word)).toBe(article);
  });

  it.each([
    ['nurse', 'nurses'],
    ['secretary', 'secretaries'],
    ['postman', 'postmen'],
    ['coach', 'coaches'],
    ['toy', 'toys'],
    ['tax adviser', 'tax advisers'],
    ['computer mouse', 'computer mice'],
  ])('have a plural: %s', (word, plural) => {
    expect(pluralOf(word)).toBe(plural);
  });

  it('spell numbers below a hundred', () => {
    expect([0, 7, 13, 20, 45, 99].map(numberWord)).toEqual([
      'zero',
      'seven',
      'thirteen',
      'twenty',
      'forty-five',
      'ninety-nine',
    ]);
  });

  it('refuse a table whose rows differ in width', () => {
    expect(() => tableOf('a | b\nc')).toThrow('a row of 1 fields among rows of 2: c');
  });
});

describe('rough typing', () => {
  it('changes a word by one slip and keeps its first letter', () => {
    fc.assert(
      fc.property(seeds, fc.stringMatching(/^[a-z]{5,12}$/), (seed, word) => {
        const typed = misspell(word, pickOf(seed));
        expect(typed.charAt(0)).toBe(word.charAt(0));
        expect(Math.abs(typed.length - word.length)).toBeLessThanOrEqual(1);
        const letters = (text: string) => new Set(text.replaceAll(' ', ''));
        for (const letter of letters(typed)) expect(letters(word).has(letter)).toBe(true);
      }),
    );
  });

  it('leaves names, numbers and signs as they are', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rough = roughen('Should Alejandro convert 12,000 rupees to Swiss francs in C++?', pickOf(seed));
        for (const kept of ['alejandro', '12,000', 'swiss', 'c++']) expect(rough.toLowerCase()).toContain(kept);
      }),
    );
  });
});
