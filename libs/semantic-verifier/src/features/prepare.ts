import type { StaticModel } from '@costlane/embedding';
import { WordClass } from './lexicon/word-classes';
import { parseNumbers } from './parse-numbers';
import { questionKindOf, type QuestionKind } from './question-kind';
import { stripPoliteness } from './strip-politeness';
import { MAX_WORDS, tokenize, type RawWord } from './tokenize';
import type { WordEntry, WordTable } from './word-table';

/** A word in its place. */
export interface PlacedWord {
  readonly entry: WordEntry;
  /** Written as a name, or known as one. */
  readonly isName: boolean;
  readonly isContent: boolean;
}

/** A text with all that can be worked out about it alone. */
export interface PreparedFeatures {
  readonly text: string;
  readonly words: readonly PlacedWord[];
  /** The words in normal form, with and without spaces between them: texts with an equal one ask the same. */
  readonly key: string;
  readonly compactKey: string;
  /** By the static model: of the text as it is, and of its content words. Unit length, or zeros. */
  readonly vector: Float32Array;
  readonly contentVector: Float32Array;
  readonly contentCount: number;
  readonly questionKind: QuestionKind;
  readonly questionMarks: number;
  readonly sentences: number;
  /** All bits of `WordClass` that some word has. */
  readonly classes: number;
  readonly negations: number;
}

/** Letters that are capitals above this share: then a capital says nothing. */
const MAX_CAPITAL_SHARE = 0.5;

function startsWithCapital(written: string): boolean {
  const first = written.charAt(0);
  return first !== first.toLowerCase();
}

function saysNothingByCapitals(words: readonly RawWord[]): boolean {
  let capital = 0;
  for (const word of words) if (startsWithCapital(word.written)) capital++;
  return capital > 2 && capital > words.length * MAX_CAPITAL_SHARE;
}

function isName(word: RawWord, classes: number, capitalsMatter: boolean): boolean {
  if ((classes & WordClass.entity) !== 0 || (classes & WordClass.code) !== 0) return true;
  if (!capitalsMatter || !startsWithCapital(word.written) || (classes & (WordClass.function | WordClass.number)) !== 0)
    return false;
  if (!word.startsSentence) return true;
  return word.written.length > 1 && word.written === word.written.toUpperCase();
}

function contentVectorOf(words: readonly PlacedWord[], dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (const { entry, isContent } of words) {
    if (!isContent) continue;
    for (let index = 0; index < dimension; index++)
      sum[index] = (sum[index] ?? 0) + entry.weight * (entry.vector[index] ?? 0);
  }
  let squares = 0;
  for (const value of sum) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0) for (let index = 0; index < dimension; index++) sum[index] = (sum[index] ?? 0) / length;
  return sum;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0 && found < 8; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** Works out once what `extract` and `veto` need of a text. Texts beyond `MAX_WORDS` words are read up to there. */
export function prepareText(text: string, model: StaticModel, table: WordTable): PreparedFeatures {
  const raw = parseNumbers(stripPoliteness(tokenize(text))).slice(0, MAX_WORDS);
  const capitalsMatter = !saysNothingByCapitals(raw);
  let classes = 0;
  let contentCount = 0;
  let negations = 0;
  const words = raw.map((word): PlacedWord => {
    const entry = table.get(word.text);
    const name = isName(word, entry.classes, capitalsMatter);
    const isContent = (entry.classes & WordClass.function) === 0;
    classes |= entry.classes;
    if (isContent) contentCount++;
    if ((entry.classes & WordClass.negator) !== 0) negations++;
    return { entry, isName: name, isContent };
  });
  const texts = raw.map((word) => word.text);
  return {
    text,
    words,
    key: texts.join(' '),
    compactKey: texts.join(''),
    vector: model.embed(text),
    contentVector: contentVectorOf(words, model.dimension),
    contentCount,
    questionKind: questionKindOf(texts),
    questionMarks: count(text, '?'),
    sentences: raw.filter((word) => word.startsSentence).length,
    classes,
    negations,
  };
}
