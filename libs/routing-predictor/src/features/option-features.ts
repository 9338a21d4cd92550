import type { PromptLayout } from './read-layout';
import { tokenKind, type Tokens } from './scan-tokens';
import type { WordSets } from './word-sets';

/** What the options of a multiple-choice prompt are like and how near they are to one another; all 0 for a prompt without. */
export const optionFeatureNames = [
  'options:numeric',
  'options:capital',
  'options:endWithPeriod',
  'options:words',
  'options:mostWords',
  'options:lengthVariation',
  'options:longestAt',
  'options:distinctFirstWords',
  'options:distinctLastWords',
  'options:overlap',
  'options:leastOverlap',
  'options:mostOverlap',
  'options:wordsOfQuestion',
  'options:wordsOfQuestionSpread',
] as const;

const at = Object.fromEntries(optionFeatureNames.map((name, index) => [name, index])) as Record<
  (typeof optionFeatureNames)[number],
  number
>;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isCapital = (code: number): boolean => code >= 65 && code <= 90;

/** What may stand behind a number for an option still to be one: a unit. */
const longestUnit = 12;

/** Whether an option is a number, with a sign, a currency or a unit at the most. */
function isNumeric(text: string, start: number, end: number): boolean {
  let place = start;
  while (place < end && '-–$ '.includes(text.charAt(place))) place += 1;
  const from = place;
  let digits = 0;
  while (place < end && (isDigit(text.charCodeAt(place)) || '., /%'.includes(text.charAt(place)))) {
    if (isDigit(text.charCodeAt(place))) digits += 1;
    place += 1;
  }
  return place > from && digits > 0 && end - place <= longestUnit;
}

/** Writes the features to `into` from `offset` on. Linear in the text, and square in the number of options, of which there are ten at the most. */
export function writeOptionFeatures(
  text: string,
  tokens: Tokens,
  { options }: PromptLayout,
  sets: WordSets,
  into: Float32Array,
  offset: number,
): void {
  const count = options.length;
  if (count === 0) return;
  const set = (index: number, value: number): void => void (into[offset + index] = value);
  let [numeric, capital, period, longest, longestAt, lengthSum, lengthSquares] = [0, 0, 0, -1, 0, 0, 0];
  options.forEach(({ start, end }, option) => {
    const length = end - start;
    if (isNumeric(text, start, end)) numeric += 1;
    if (isCapital(text.charCodeAt(start))) capital += 1;
    if (text.charCodeAt(end - 1) === 46) period += 1;
    lengthSum += length;
    lengthSquares += length * length;
    if (length > longest) [longest, longestAt] = [length, option];
  });
  const mean = lengthSum / count;
  set(at['options:numeric'], numeric / count);
  set(at['options:capital'], capital / count);
  set(at['options:endWithPeriod'], period / count);
  set(at['options:lengthVariation'], Math.sqrt(Math.max(0, lengthSquares / count - mean * mean)) / Math.max(1, mean));
  set(at['options:longestAt'], longestAt);
  writeWords(tokens, options, sets, set);
}

function writeWords(
  tokens: Tokens,
  options: PromptLayout['options'],
  sets: WordSets,
  set: (index: number, value: number) => void,
): void {
  const count = options.length;
  const [firstWords, lastWords] = [new Set<number>(), new Set<number>()];
  const words = new Int32Array(count);
  sets.begin();
  let token = 0;
  // Set 0 is the question, set n the n-th option.
  for (let part = 0; part <= count; part += 1) {
    const end = part < count ? (options[part]?.start ?? 0) : (options[count - 1]?.end ?? 0);
    // The letter before an option stands ahead of its start, so it is taken for the part before: it is left out here.
    const stop = part < count ? end - 3 : end;
    let [first, last] = [0, 0];
    for (; token < tokens.count && (tokens.starts[token] as number) < end; token += 1) {
      if (tokens.kinds[token] !== tokenKind.word || (tokens.starts[token] as number) >= stop) continue;
      last = tokens.hashes[token] as number;
      if (first === 0) first = last;
      sets.add(last, part);
      if (part > 0) words[part - 1] = (words[part - 1] as number) + 1;
    }
    if (part === 0) continue;
    firstWords.add(first);
    lastWords.add(last);
  }
  set(at['options:words'], words.reduce((sum, own) => sum + own, 0) / count);
  set(at['options:mostWords'], Math.max(...words));
  set(at['options:distinctFirstWords'], firstWords.size / count);
  set(at['options:distinctLastWords'], lastWords.size / count);
  writeOverlaps(count, sets, set);
}

function writeOverlaps(count: number, sets: WordSets, set: (index: number, value: number) => void): void {
  let [sum, least, most, pairs] = [0, 1, 0, 0];
  let [ofQuestion, leastOfQuestion, mostOfQuestion] = [0, 1, 0];
  for (let option = 1; option <= count; option += 1) {
    const size = sets.shared(option, option);
    for (let other = 1; other < option; other += 1) {
      const shared = sets.shared(option, other);
      const overlap = shared / Math.max(1, size + sets.shared(other, other) - shared);
      pairs += 1;
      sum += overlap;
      least = Math.min(least, overlap);
      most = Math.max(most, overlap);
    }
    const known = sets.shared(option, 0) / Math.max(1, size);
    ofQuestion += known;
    leastOfQuestion = Math.min(leastOfQuestion, known);
    mostOfQuestion = Math.max(mostOfQuestion, known);
  }
  set(at['options:overlap'], sum / Math.max(1, pairs));
  set(at['options:leastOverlap'], least);
  set(at['options:mostOverlap'], most);
  set(at['options:wordsOfQuestion'], ofQuestion / count);
  set(at['options:wordsOfQuestionSpread'], mostOfQuestion - leastOfQuestion);
}
