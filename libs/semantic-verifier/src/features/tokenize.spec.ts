import { parseNumbers } from './parse-numbers';
import { rewritePhrases } from './rewrite-phrases';
import { stripPoliteness } from './strip-politeness';
import { MAX_WORDS, tokenize } from './tokenize';

const words = (text: string): string =>
  tokenize(text)
    .map((word) => word.text)
    .join(' ');

const numbers = (text: string): string =>
  parseNumbers(tokenize(text))
    .map((word) => word.text)
    .join(' ');

const stripped = (text: string): string =>
  stripPoliteness(tokenize(text))
    .map((word) => word.text)
    .join(' ');

const framed = (text: string): string =>
  rewritePhrases(tokenize(text))
    .map((word) => word.text)
    .join(' ');

describe('tokenize', () => {
  it('writes contractions in full, with either apostrophe', () => {
    expect(words("What's it that I can’t do?")).toBe('what is it that i can not do');
    expect(words("Which professors do n't teach")).toBe('which professors do not teach');
  });

  it('drops the possessive', () => {
    expect(words("Anna's dog")).toBe('anna dog');
  });

  it('brings British spelling and accents into one form, and leaves words that only look British', () => {
    expect(words('Organise the colours of a café in four hours')).toBe('organize the colors of a cafe in four hours');
  });

  it('tells the country from the pronoun by its capitals', () => {
    expect(words('Can you tell us about the US?')).toBe('can you tell us about the usa');
  });

  it('separates units and currencies from numbers', () => {
    expect(words('64GB for $2.50 or Rs500 at 5pm')).toBe('64 gb for 2.50 dollar or 500 rupee at 5 pm');
  });

  it('keeps names with digits and signs', () => {
    expect(words('C++ on the S7582')).toBe('c++ on the s7582');
  });

  it('reads a bounded number of words', () => {
    expect(tokenize('word '.repeat(5_000))).toHaveLength(MAX_WORDS);
  });
});

describe('parseNumbers', () => {
  it.each([
    ['twenty-four books', '24 books'],
    ['two thousand and fourteen', '2014'],
    ['2 thousand and fourteen', '2014'],
    ['4,000 and 4000.0', '4000 and 4000'],
    ['one hundred and five', '105'],
    ['1/six of ten:17', '1 6 of 10 17'],
    ['100k followers', '100000 followers'],
    ['the third and the 3rd', 'the 3 and the 3'],
    ['ten or eleven', '10 or 11'],
  ])('reads "%s" as "%s"', (text, expected) => {
    expect(numbers(text)).toBe(expected);
  });
});

describe('stripPoliteness', () => {
  it('takes off greeting, request and thanks', () => {
    expect(stripped('Hi! Why is Hawaii a state? Thanks.')).toBe('why is hawaii a state');
    expect(stripped('Q: Why did it fail? Please explain.')).toBe('why did it fail');
    expect(stripped('Can you help me with this? make me a reservation')).toBe('make me a reservation');
  });

  it('leaves a text that is nothing else', () => {
    expect(stripped('Thank you very much')).not.toBe('');
  });
});

describe('rewritePhrases', () => {
  it('brings the frames of a how-to question into one form', () => {
    const expected = 'how to stop smoking';
    expect(framed('How can I stop smoking?')).toBe(expected);
    expect(framed('What is the best way to stop smoking?')).toBe(expected);
    expect(framed('In order to stop smoking, what should you do?')).toBe(expected);
  });

  it('leaves something of a text that is only a frame', () => {
    expect(framed('What should I do?')).toBe('what should i do');
  });
});
