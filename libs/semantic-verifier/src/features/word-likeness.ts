import { commonPrefixLength, editDistance } from './edit-distance';
import { areAlternatives } from './lexicon/alternatives';
import { areAntonyms } from './lexicon/antonyms';
import { areSynonyms } from './lexicon/synonyms';
import { WordClass } from './lexicon/word-classes';
import type { PlacedWord } from './prepare';

/** Words less alike than this are no counterparts. */
const LEAST_LIKENESS = 0.3;

/** Whether two words are antonyms, as they are or as stems. */
export function areOpposite({ entry: a }: PlacedWord, { entry: b }: PlacedWord): boolean {
  return areAntonyms(a.text, b.text) || areAntonyms(a.stem, b.stem);
}

function areOthers({ entry: a }: PlacedWord, { entry: b }: PlacedWord): boolean {
  return areAlternatives(a.text, b.text) || areAlternatives(a.stem, b.stem);
}

/** Whether two words are in one group of synonyms, as they are or as stems. */
export function isSynonym({ entry: a }: PlacedWord, { entry: b }: PlacedWord): boolean {
  return areSynonyms(a.text, b.text) || areSynonyms(a.stem, b.stem);
}

/** Whether one word is the other with a typing error: only where the vocabulary does not know both. */
export function isTypo(a: PlacedWord, b: PlacedWord): boolean {
  const { classes: classA, text: textA } = a.entry;
  const { classes: classB, text: textB } = b.entry;
  if (((classA | classB) & (WordClass.number | WordClass.code)) !== 0) return false;
  if ((classA & classB & WordClass.known) !== 0) return false;
  const shorter = Math.min(textA.length, textB.length);
  if (shorter < 3) return false;
  const limit = shorter >= 8 ? 2 : 1;
  return editDistance(textA, textB, limit) <= limit && !areOpposite(a, b);
}

/** How much of two words of one family ("democrat", "democratic") they share: 0, or 0.6 to 1. */
export function familyLikeness(a: PlacedWord, b: PlacedWord): number {
  const { stem: stemA } = a.entry;
  const { stem: stemB } = b.entry;
  if (((a.entry.classes | b.entry.classes) & (WordClass.number | WordClass.code | WordClass.function)) !== 0) return 0;
  const shared = commonPrefixLength(stemA, stemB);
  const longer = Math.max(stemA.length, stemB.length);
  if (shared < 4 || shared < Math.min(stemA.length, stemB.length) - 2) return 0;
  const isShortForm = shared === Math.min(stemA.length, stemB.length) && shared >= 0.4 * longer;
  return isShortForm || shared >= 0.55 * longer ? Math.max(0.6, shared / longer) : 0;
}

/** Likeness in meaning of two words that are not of one family, from their cosine. */
export function likenessOf(a: PlacedWord, b: PlacedWord, similarity: number): number {
  if (((a.entry.classes | b.entry.classes) & (WordClass.number | WordClass.code)) !== 0) return 0;
  if (similarity < LEAST_LIKENESS || areOthers(a, b) || areOpposite(a, b)) return 0;
  return a.isContent === b.isContent ? similarity : 0.5 * similarity;
}
