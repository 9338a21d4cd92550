import { createDistinctCounter, type DistinctCounter } from './distinct-counter';
import { ownFeatureNames, type OwnFeatureName } from './form-feature-names';
import { writeOptionFeatures } from './option-features';
import { readLayout, type PromptLayout } from './read-layout';
import { hashPair, maxCharacters, tokenKind, type Tokens } from './scan-tokens';
import { groupOfWord, wordGroupNames, type WordGroup } from './word-groups';
import { createWordSets, type WordSets } from './word-sets';

const at = Object.fromEntries(ownFeatureNames.map((name, index) => [name, index])) as Record<OwnFeatureName, number>;
const groupsFrom = ownFeatureNames.length;
const optionsFrom = groupsFrom + wordGroupNames.length;
const negationGroup = wordGroupNames.indexOf('negation');
const bothGroup = wordGroupNames.indexOf('both');
const aboveGroup = wordGroupNames.indexOf('above');
const indefiniteGroup = wordGroupNames.indexOf('indefinite');

/** Groups whose share of the question's words is a feature, too. */
const sharedGroups: readonly (readonly [WordGroup, OwnFeatureName])[] = [
  ['article', 'articleShare'],
  ['of', 'ofShare'],
  ['modal', 'modalShare'],
  ['preposition', 'prepositionShare'],
  ['present', 'presentShare'],
  ['bygone', 'bygoneShare'],
  ['conjunction', 'conjunctionShare'],
  ['indefinite', 'indefiniteShare'],
];

/** What reading the features of a text needs beside the tokens; one text at a time. */
export interface FeatureBuffers {
  readonly distinct: DistinctCounter;
  readonly sets: WordSets;
}

export const createFeatureBuffers = (): FeatureBuffers => ({
  distinct: createDistinctCounter(),
  sets: createWordSets(),
});

const symbolCodes = new Set([...'\\^{}<>+*/|=~'].map((sign) => sign.charCodeAt(0)));
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isCapital = (code: number): boolean => code >= 65 && code <= 90;

/** Writes the features of a text, whose tokens are given, to `into` (as long as the names). Linear in its first 8,000 characters. */
export function writeFormFeatures(
  text: string,
  tokens: Tokens,
  { distinct, sets }: FeatureBuffers,
  into: Float32Array,
): void {
  into.fill(0);
  distinct.begin();
  const layout = readLayout(text);
  const sums = {
    words: 0,
    letters: 0,
    longWords: 0,
    capitals: 0,
    allWords: 0,
    distinctWords: 0,
    largest: 0,
    number: 0,
    sentenceWords: 0,
    firstSentence: 0,
    lastSentence: 0,
    sentences: 0,
  };
  for (let token = 0; token < tokens.count; token += 1) {
    const isQuestion = (tokens.starts[token] as number) < layout.questionEnd;
    const kind = tokens.kinds[token];
    if (kind === tokenKind.word) addWord(text, tokens, token, isQuestion, distinct, into, sums);
    else if (kind === tokenKind.number) addNumber(text, tokens, token, isQuestion, distinct, into, sums);
    else addSign(text, tokens, token, isQuestion, into, sums);
  }
  finish(text, layout, sums, into);
  writeOptionFeatures(text, tokens, layout, sets, into, optionsFrom);
}

interface Sums {
  words: number;
  letters: number;
  longWords: number;
  capitals: number;
  allWords: number;
  distinctWords: number;
  largest: number;
  /** Value so far of a number that commas divide. */
  number: number;
  /** Words since the last end of a sentence in the question. */
  sentenceWords: number;
  firstSentence: number;
  lastSentence: number;
  /** Sentences with a word in them. */
  sentences: number;
}

function add(into: Float32Array, index: number, by = 1): void {
  into[index] = (into[index] as number) + by;
}

function addWord(
  text: string,
  tokens: Tokens,
  token: number,
  isQuestion: boolean,
  distinct: DistinctCounter,
  into: Float32Array,
  sums: Sums,
): void {
  const start = tokens.starts[token] as number;
  const length = (tokens.ends[token] as number) - start;
  const hash = tokens.hashes[token] as number;
  sums.allWords += 1;
  sums.letters += length;
  if (length >= 9) sums.longWords += 1;
  const group = groupOfWord.get(hash);
  if (!isQuestion) {
    if (group === bothGroup) add(into, at.optionBoth);
    else if (group === aboveGroup) add(into, at.optionAbove);
    return;
  }
  sums.words += 1;
  sums.sentenceWords += 1;
  addEnding(text, start, length, into);
  if (sums.words === 1 && group === indefiniteGroup) into[at.beginsIndefinite] = 1;
  if (distinct.add(hash)) sums.distinctWords += 1;
  const hasCapital = isCapital(text.charCodeAt(start));
  if (hasCapital) sums.capitals += 1;
  if (group === undefined) return;
  add(into, groupsFrom + group);
  if (group === negationGroup && hasCapital && isCapital(text.charCodeAt(start + 1))) add(into, at.shoutedNegations);
}

/** Counts what a word's letters tell; finish() makes shares of the endings. */
function addEnding(text: string, start: number, length: number, into: Float32Array): void {
  into[at.longestWord] = Math.max(into[at.longestWord] as number, length);
  const last = text.charCodeAt(start + length - 1) | 32;
  const before = length > 1 ? text.charCodeAt(start + length - 2) | 32 : 0;
  // In codes: a and i are words, other single letters name things; then -s, -ed and -ing.
  if (length === 1) return last === 97 || last === 105 ? undefined : add(into, at.letters);
  if (last === 115 && length > 3) add(into, at.pluralShare);
  else if (last === 100 && before === 101) add(into, at.edShare);
  else if (last === 103 && before === 110 && (text.charCodeAt(start + length - 3) | 32) === 105) add(into, at.ingShare);
}

function endSentence(sums: Sums): void {
  if (sums.sentenceWords === 0) return;
  if (sums.sentences === 0) sums.firstSentence = sums.sentenceWords;
  sums.lastSentence = sums.sentenceWords;
  sums.sentences += 1;
  sums.sentenceWords = 0;
}

function addNumber(
  text: string,
  tokens: Tokens,
  token: number,
  isQuestion: boolean,
  distinct: DistinctCounter,
  into: Float32Array,
  sums: Sums,
): void {
  const start = tokens.starts[token] as number;
  const end = tokens.ends[token] as number;
  const before = start > 1 && isDigit(text.charCodeAt(start - 2)) ? text.charCodeAt(start - 1) : 0;
  if (before === 46) return add(into, at.decimals);
  if (before === 47) add(into, at.fractions);
  if (!isQuestion) return add(into, at.optionNumbers);
  const value = end - start <= 9 ? Number(text.slice(start, end)) : 1e9;
  const isContinued = before === 44 && end - start === 3;
  sums.number = isContinued ? sums.number * 1000 + value : value;
  sums.largest = Math.max(sums.largest, Math.min(1e9, sums.number));
  if (isContinued) return;
  add(into, at.numbers);
  if (distinct.add(hashPair(tokens.hashes[token] as number, 1))) add(into, at.distinctNumbers);
  if (end - start === 4 && value >= 1500 && value < 2100) add(into, at.years);
}

function addSign(
  text: string,
  tokens: Tokens,
  token: number,
  isQuestion: boolean,
  into: Float32Array,
  sums: Sums,
): void {
  const start = tokens.starts[token] as number;
  const code = text.charCodeAt(start);
  if (code > 127) add(into, at.beyondAscii);
  if (symbolCodes.has(code)) add(into, at.symbols);
  if (code === 61) add(into, at.equals);
  if (!isQuestion) return;
  if (code === 46 || code === 63 || code === 33) {
    const next = text.charCodeAt(start + 1);
    if (!(next > 32)) {
      add(into, at.sentences);
      endSentence(sums);
    }
    if (code === 63) add(into, at.questionMarks);
  } else if (code === 44) add(into, at.commas);
  else if (code === 58) add(into, at.colons);
  else if (code === 34 || code === 39) add(into, at.quotes);
  else if (code === 40) add(into, at.brackets);
  else if (code === 10) add(into, at.lineBreaks);
  else if (code === 95) add(into, at.blanks);
  else if (code === 37) add(into, at.percents);
  else if (code === 36) add(into, at.dollars);
}

function finish(text: string, layout: PromptLayout, sums: Sums, into: Float32Array): void {
  const words = Math.max(1, sums.words);
  into[at.isMultipleChoice] = layout.isMultipleChoice ? 1 : 0;
  into[at.questionCharacters] = Math.log1p(layout.questionEnd);
  into[at.questionWords] = Math.log1p(sums.words);
  into[at.promptCharacters] = Math.log1p(Math.min(text.length, maxCharacters));
  into[at.largestNumber] = Math.log1p(sums.largest);
  into[at.optionCount] = layout.optionCount;
  into[at.meanOption] = Math.log1p(layout.meanOption);
  into[at.longestOption] = Math.log1p(layout.longestOption);
  into[at.shortestOption] = Math.log1p(layout.shortestOption);
  into[at.optionSpread] = Math.log1p(layout.longestOption - layout.shortestOption);
  into[at.wordLength] = sums.letters / Math.max(1, sums.allWords);
  into[at.longWordShare] = sums.longWords / Math.max(1, sums.allWords);
  into[at.capitalShare] = sums.capitals / words;
  into[at.distinctWordShare] = sums.distinctWords / words;
  for (const [group, share] of sharedGroups)
    into[at[share]] = (into[groupsFrom + wordGroupNames.indexOf(group)] as number) / words;
  for (const ending of [at.pluralShare, at.ingShare, at.edShare]) into[ending] = (into[ending] as number) / words;
  endSentence(sums);
  into[at.firstSentence] = sums.firstSentence;
  into[at.lastSentence] = sums.lastSentence;
  into[at.meanSentence] = sums.words / Math.max(1, sums.sentences);
  let last = layout.questionEnd - 1;
  while (last > 0 && text.charCodeAt(last) <= 32) last -= 1;
  into[at.endsWithQuestion] = text.charCodeAt(last) === 63 ? 1 : 0;
  into[at.endsWithColon] = text.charCodeAt(last) === 58 ? 1 : 0;
}
