import { createFeatureBuffers, writeFormFeatures } from './form-features';
import { formFeatureNames } from './form-feature-names';
import { readLayout } from './read-layout';
import { createTokens, hashWord, maxCharacters, scanTokens, tokenKind } from './scan-tokens';

const tokens = createTokens();
const buffers = createFeatureBuffers();

function featuresOf(text: string): Record<string, number> {
  const values = new Float32Array(formFeatureNames.length);
  scanTokens(text, tokens);
  writeFormFeatures(text, tokens, buffers, values);
  return Object.fromEntries(formFeatureNames.map((name, at) => [name, values[at] ?? 0]));
}

const question = 'Which is NOT a planet?\nA. Mars\nB. The Moon\nC. Both of them\nD. None of the above\nAnswer:';

describe('scanTokens', () => {
  it('takes runs of letters and of digits, other signs alone, and leaves spaces out', () => {
    scanTokens('Größe: 12,5 cm\n', tokens);
    const found = Array.from({ length: tokens.count }, (_, at) => [
      tokens.starts[at],
      tokens.ends[at],
      tokens.kinds[at],
    ]);
    expect(found).toEqual([
      [0, 5, tokenKind.word],
      [5, 6, tokenKind.sign],
      [7, 9, tokenKind.number],
      [9, 10, tokenKind.sign],
      [10, 11, tokenKind.number],
      [12, 14, tokenKind.word],
      [14, 15, tokenKind.lineBreak],
    ]);
  });

  it('gives a word one hash in either case', () => {
    scanTokens('ÉCOLE école', tokens);
    expect(tokens.hashes[0]).toBe(tokens.hashes[1]);
    expect(tokens.hashes[0]).toBe(hashWord('École'));
  });

  it('stops at the bound', () => {
    scanTokens('.'.repeat(2 * maxCharacters), tokens);
    expect(tokens.count).toBe(maxCharacters);
  });
});

describe('readLayout', () => {
  it('finds question and options', () => {
    expect(readLayout(question)).toEqual({
      isMultipleChoice: true,
      questionEnd: question.indexOf('A. Mars'),
      optionCount: 4,
      shortestOption: 4,
      longestOption: 17,
      meanOption: (4 + 8 + 12 + 17) / 4,
      options: ['Mars', 'The Moon', 'Both of them', 'None of the above'].map((option) => ({
        start: question.indexOf(option),
        end: question.indexOf(option) + option.length,
      })),
    });
  });

  it('takes a lettered beginning of one line, or letters within a line, for no options', () => {
    for (const text of ['A. Smith wrote this.', 'Is it A. one or B. two?', 'Aa\nBb'])
      expect(readLayout(text)).toMatchObject({ isMultipleChoice: false, questionEnd: text.length });
  });

  it('reads options in brackets and lines between them', () => {
    expect(readLayout('Q\nA) one\nmore of it\nB) two')).toMatchObject({ optionCount: 2, longestOption: 14 });
  });
});

describe('writeFormFeatures', () => {
  it('tells question from options', () => {
    const features = featuresOf(question);
    expect(features).toMatchObject({
      isMultipleChoice: 1,
      optionCount: 4,
      questionMarks: 1,
      shoutedNegations: 1,
      'words:negation': 1,
      optionBoth: 1,
      optionAbove: 2,
      endsWithQuestion: 1,
    });
    expect(features['questionWords']).toBeCloseTo(Math.log1p(5), 5);
  });

  it('reads numbers with commas, points and slashes as one each', () => {
    const features = featuresOf('He paid $1,250 for 3 of 3 books, 2.5 % more in 1998, and 1/2 of it twice.');
    expect(features).toMatchObject({
      decimals: 1,
      fractions: 1,
      dollars: 1,
      percents: 1,
      years: 1,
      isMultipleChoice: 0,
    });
    expect(features['largestNumber']).toBeCloseTo(Math.log1p(1998), 4);
    expect(features['words:fraction']).toBe(1);
  });

  it('has nothing of the text before', () => {
    const alone = featuresOf('What is it?');
    featuresOf(question);
    expect(featuresOf('What is it?')).toEqual(alone);
  });
});

describe('features of sentences and options', () => {
  it('counts words of sentences, endings and single letters in the question', () => {
    const features = featuresOf('A ring R has units. Is i walked by cats?');
    expect(features).toMatchObject({
      beginsIndefinite: 1,
      firstSentence: 5,
      lastSentence: 5,
      meanSentence: 5,
      letters: 1,
      longestWord: 6,
      'words:indefinite': 1,
      'words:present': 1,
    });
    expect(features['pluralShare']).toBeCloseTo(2 / 10, 5);
    expect(features['edShare']).toBeCloseTo(1 / 10, 5);
  });

  it('tells numbers from words among the options', () => {
    const features = featuresOf('How far?\nA. 12 km\nB. -3.5 %\nC. $1,200\nD. 7 times as far as the moon is\nAnswer:');
    expect(features).toMatchObject({ 'options:numeric': 0.75, 'options:longestAt': 3, 'options:mostWords': 7 });
  });

  it('says how near options are to one another and to the question', () => {
    const features = featuresOf('Is the sea deep?\nA. the sea\nB. the lake.\nC. The Sea\nAnswer:');
    expect(features['options:distinctFirstWords']).toBeCloseTo(1 / 3, 5);
    expect(features['options:distinctLastWords']).toBeCloseTo(2 / 3, 5);
    expect(features['options:mostOverlap']).toBe(1);
    expect(features['options:leastOverlap']).toBeCloseTo(1 / 3, 5);
    expect(features['options:overlap']).toBeCloseTo((1 + 1 / 3 + 1 / 3) / 3, 5);
    expect(features['options:wordsOfQuestion']).toBeCloseTo((1 + 1 / 2 + 1) / 3, 5);
    expect(features['options:wordsOfQuestionSpread']).toBeCloseTo(1 / 2, 5);
    expect(features['options:capital']).toBeCloseTo(1 / 3, 5);
    expect(features['options:endWithPeriod']).toBeCloseTo(1 / 3, 5);
  });

  it('leaves them at 0 for a prompt without options', () => {
    const features = featuresOf('Is the sea deep?');
    for (const name of formFeatureNames.filter((own) => own.startsWith('options:'))) expect(features[name]).toBe(0);
  });
});
