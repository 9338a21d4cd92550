import type { StaticModel } from '@costlane/embedding';
import { WordClass } from './lexicon/word-classes';
import { identifiersOf } from './identifiers';
import { parseNumbers } from './parse-numbers';
import { mergeNames, rewritePhrases } from './rewrite-phrases';
import { questionKindOf, type QuestionKind } from './question-kind';
import { stripPoliteness } from './strip-politeness';
import { contrastsOf, marksOf, symbolsOf } from './symbols';
import { MAX_CHARS, MAX_WORDS, tokenize, type RawWord } from './tokenize';
import { addTo, normalize } from './vectors';
import type { WordEntry, WordTable } from './word-table';

/** A word in its place. */
export interface PlacedWord {
  readonly entry: WordEntry;
  /** Written as a name, or known as one. */
  readonly isName: boolean;
  readonly isContent: boolean;
  /** A number, or a word with digits in it; not the word "one", which mostly counts nothing. */
  readonly isNumber: boolean;
}

/** A text with all that can be worked out about it alone. */
export interface PreparedFeatures {
  readonly text: string;
  readonly words: readonly PlacedWord[];
  /** Stems of the first words with the frame of the question in one form and without articles and fillers. */
  readonly core: readonly string[];
  /** Operators in order, see `symbolsOf`. */
  readonly symbols: string;
  /** Signs that only count between equal words, see `marksOf`; and only against others, see `contrastsOf`. */
  readonly marks: string;
  readonly contrasts: string;
  /** Names of code, paths, addresses and hashes. */
  readonly identifiers: readonly string[];
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

function startsWithCapital(written: string): boolean {
  const first = written.charAt(0);
  return first !== first.toLowerCase();
}

/** False where all words have capitals, as in a title: then a capital does not tell a name. */
function tellNamesByCapitals(words: readonly RawWord[], table: WordTable): boolean {
  let capitals = 0;
  for (const word of words) {
    if (word.startsSentence) continue;
    const isFunction = (table.get(word.text).classes & WordClass.function) !== 0;
    if (!startsWithCapital(word.written)) {
      if (!isFunction) return true;
    } else if (isFunction && word.text !== 'i') return false;
    else capitals++;
  }
  return capitals < MANY_CAPITALS;
}

/** Words that go into `core`. */
const MAX_CORE_WORDS = 64;

const SPARE = new Set('a an the really actually indeed truly literally just currently please very so'.split(' '));

/** Capitals from which on a text without a single word in lower case counts as a title. */
const MANY_CAPITALS = 5;

function isName(word: RawWord, classes: number, capitalsMatter: boolean): boolean {
  if ((classes & WordClass.title) !== 0) return false;
  if ((classes & WordClass.entity) !== 0 || (classes & WordClass.code) !== 0) return true;
  if (
    !capitalsMatter ||
    !startsWithCapital(word.written) ||
    (classes & (WordClass.firstPerson | WordClass.number)) !== 0
  )
    return false;
  if (!word.startsSentence) return (classes & WordClass.function) === 0 || word.written.length > 3;
  return (classes & WordClass.function) === 0 && word.written.length > 1 && word.written === word.written.toUpperCase();
}

/** Whether the negator at `index` turns the sense: not in "or not", "why not?" at the end, and "no, what I mean". */
function negates(words: readonly RawWord[], index: number): boolean {
  const before = words[index - 1]?.text;
  const after = words[index + 1];
  if (before === 'or') return false;
  if (before === 'why' && (after === undefined || after.startsSentence)) return false;
  return !(words[index]?.text === 'no' && after !== undefined && CORRECTS.has(after.text));
}

const CORRECTS = new Set('what who how when where which why i wait sorry make in not'.split(' '));

function contentVectorOf(words: readonly PlacedWord[], dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (const { entry, isContent } of words) if (isContent) addTo(sum, entry.vector);
  normalize(sum);
  return sum;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0 && found < 8; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** Works out once what `extract` and `veto` need of a text. Texts beyond `MAX_WORDS` words are read up to there. */
export function prepareText(text: string, model: StaticModel, table: WordTable): PreparedFeatures {
  const asked = parseNumbers(mergeNames(stripPoliteness(tokenize(text))));
  const raw = asked.slice(0, MAX_WORDS);
  const capitalsMatter = tellNamesByCapitals(raw, table);
  let classes = 0;
  let contentCount = 0;
  let negations = 0;
  const words = raw.map((word, index): PlacedWord => {
    const entry = table.get(word.text);
    const name = isName(word, entry.classes, capitalsMatter);
    const isContent = (entry.classes & WordClass.function) === 0 || name;
    classes |= entry.classes;
    if (isContent) contentCount++;
    if ((entry.classes & WordClass.negator) !== 0 && negates(raw, index)) negations++;
    const isNumber =
      (entry.classes & (WordClass.number | WordClass.code)) !== 0 && word.written.toLowerCase() !== 'one';
    return { entry, isName: name, isContent, isNumber };
  });
  const texts = raw.map((word) => word.text);
  const read = text.length > MAX_CHARS ? text.slice(0, MAX_CHARS) : text;
  const symbols = symbolsOf(read);
  const marks = marksOf(read);
  const signs = symbols + marks;
  return {
    text,
    words,
    core: rewritePhrases(asked.slice(0, MAX_CORE_WORDS))
      .filter((word) => !SPARE.has(word.text))
      .map((word) => table.get(word.text).stem),
    symbols,
    marks,
    contrasts: contrastsOf(read),
    identifiers: identifiersOf(read),
    key: `${texts.join(' ')} ${signs}`,
    compactKey: texts.join('') + signs,
    vector: model.embed(text),
    contentVector: contentVectorOf(words, model.dimension),
    contentCount,
    questionKind: questionKindOf(asked.map((word) => word.text)),
    questionMarks: count(text, '?'),
    sentences: raw.filter((word) => word.startsSentence).length,
    classes,
    negations,
  };
}
