import type { VetoReason } from '../pair-verifier';
import { MatchKind, type Side } from './align';
import { nameOthers } from './identifiers';
import { areAlternatives } from './lexicon/alternatives';
import { WordClass } from './lexicon/word-classes';
import { countAntonyms, isPassive } from './logic-features';
import type { Leftover, PairContext } from './pair-context';
import type { PlacedWord } from './prepare';

/** Texts that differ in more content words than this are left to the model: what stands for what is not sure enough. */
const MAX_NAMES_LEFT = 4;

function hasNumber(left: Leftover): boolean {
  return left.words.some((word) => word.isNumber);
}

function isNothingBut(left: Leftover, bits: number): boolean {
  return left.words.every(({ entry }) => (entry.classes & bits) !== 0);
}

function contentOf(left: Leftover): PlacedWord[] {
  return left.words.filter((word) => word.isContent);
}

function differInName(a: readonly PlacedWord[], b: readonly PlacedWord[]): boolean {
  if (a.length > MAX_NAMES_LEFT || b.length > MAX_NAMES_LEFT) return false;
  return a.some((word) => word.isName) && b.some((word) => word.isName);
}

/** One content word in place of one other, of which one is a name, or both are of a set of alternatives ("red", "green"). */
function isReplacedByOther(a: readonly PlacedWord[], b: readonly PlacedWord[]): boolean {
  const [wordA] = a;
  const [wordB] = b;
  if (wordA === undefined || wordB === undefined || a.length > 1 || b.length > 1) return false;
  return areAlternatives(wordA.entry.text, wordB.entry.text) || areAlternatives(wordA.entry.stem, wordB.entry.stem);
}

const POINTERS = new Set(['this', 'next', 'last', 'the', 'in', 'of', 'on', 'at', 'for']);

/** Classes of words before which a noun is missing when a pointer stands there. */
const HOLE_ENDS = WordClass.question | WordClass.auxiliary | WordClass.modal | WordClass.conjunction;

function movesContent({ words, kind }: Side): boolean {
  return words.some((word, index) => kind[index] === MatchKind.moved && word.isContent);
}

/** A time or number that only one text has, where the other has a hole: "next winter" against "next" and no word of content. */
function isMissingValue(side: Side, other: Side): boolean {
  for (let index = 1; index < side.words.length; index++) {
    const word = side.words[index];
    const before = side.match[index - 1] ?? -1;
    if (word === undefined || before < 0 || side.kind[index] !== MatchKind.none) continue;
    if (!word.isName && !word.isNumber && (word.entry.classes & WordClass.time) === 0) continue;
    if (!POINTERS.has(side.words[index - 1]?.entry.text ?? '')) continue;
    const next = other.words[before + 1];
    if (next === undefined || next.entry.text === 'that' || (next.entry.classes & HOLE_ENDS) !== 0) return true;
  }
  return false;
}

/** Other operators on both sides; or, where the words are the same, on one, or other marks. */
function differInSymbols({ a, b, leftA, leftB }: PairContext): boolean {
  const isOther = a.symbols !== b.symbols;
  if (isOther && a.symbols !== '' && b.symbols !== '') return true;
  return (isOther || a.marks !== b.marks) && leftA.words.length + leftB.words.length === 0;
}

/** "12/4" and "12-4", or one picture against another, between the same words. */
function differInContrasts({ a, b, leftA, leftB }: PairContext): boolean {
  if (a.contrasts === b.contrasts || a.contrasts === '' || b.contrasts === '') return false;
  return leftA.words.length + leftB.words.length === 0;
}

/** Refuses pairs that no likeness of the rest can make the same question; undefined for all others. */
export function vetoOf(context: PairContext): VetoReason | undefined {
  const { a, b, leftA, leftB, alignment } = context;
  if (differInContrasts(context)) return 'value';
  if (a.key === b.key || a.compactKey === b.compactKey) return undefined;
  if (hasNumber(leftA) && hasNumber(leftB)) return 'number';
  if (differInSymbols(context) || nameOthers(a.identifiers, b.identifiers)) return 'value';
  const contentA = contentOf(leftA);
  const contentB = contentOf(leftB);
  if (differInName(contentA, contentB)) return 'entity';
  // "is A taller than B" and "is B shorter than A": what changes places can make up for an opposite
  if (movesContent(alignment.a)) return undefined;
  const antonyms = countAntonyms(leftA, leftB);
  const onlyFunction = isNothingBut(leftA, WordClass.function) && isNothingBut(leftB, WordClass.function);
  const isTurned = (a.negations + b.negations + antonyms) % 2 === 1;
  if (isTurned && onlyFunction) return 'negation';
  if (isTurned && antonyms === 1 && contentA.length <= 1 && contentB.length <= 1) return 'antonym';
  // "does A like B" and "is A liked by B": who does it to whom is turned, unless the names change places as well
  if (onlyFunction && isPassive(a) !== isPassive(b)) return 'order';
  if (isReplacedByOther(contentA, contentB)) return 'value';
  if (isMissingValue(alignment.a, alignment.b) || isMissingValue(alignment.b, alignment.a)) return 'value';
  return undefined;
}
