import { MatchKind, type Side } from './align';
import { areAntonyms } from './lexicon/antonyms';
import { areAlternatives } from './lexicon/alternatives';
import { WordClass } from './lexicon/word-classes';
import { writeAll, type FeatureGroup, type Leftover, type PairContext } from './pair-context';
import type { PlacedWord, PreparedFeatures } from './prepare';

/** Words left on a side that are tried as antonyms. */
const MAX_TRIED = 12;

/** Pairs of opposite words among those that the other text does not say. */
export function countAntonyms(leftA: Leftover, leftB: Leftover): number {
  let count = 0;
  for (const { entry: a } of leftA.words.slice(0, MAX_TRIED)) {
    for (const { entry: b } of leftB.words.slice(0, MAX_TRIED)) {
      // "always" and "never": the negation is counted by itself
      if (((a.classes | b.classes) & WordClass.negator) !== 0) continue;
      if (areAntonyms(a.text, b.text) || (a.stem !== a.text && areAntonyms(a.stem, b.stem))) {
        count++;
        break;
      }
    }
  }
  return count;
}

/** Pairs of words left over that name different members of one set. */
export function countAlternatives(leftA: Leftover, leftB: Leftover): number {
  let count = 0;
  for (const { entry: a } of leftA.words.slice(0, MAX_TRIED)) {
    for (const { entry: b } of leftB.words.slice(0, MAX_TRIED)) {
      if (areAlternatives(a.text, b.text) || areAlternatives(a.stem, b.stem)) {
        count++;
        break;
      }
    }
  }
  return count;
}

function isParticiple(word: PlacedWord | undefined): boolean {
  return word !== undefined && (word.entry.stem !== word.entry.text || word.entry.text.endsWith('n'));
}

/** "was seized by": a form of "be", a participle, and "by". */
export function isPassive({ words }: PreparedFeatures): boolean {
  let be = -1;
  for (let index = 0; index < words.length; index++) {
    const { stem, text } = words[index]?.entry ?? { stem: '', text: '' };
    if (stem === 'be') be = index;
    if (text === 'by' && be >= 0 && index - be <= 6 && index > be + 1 && isParticiple(words[index - 1])) return true;
  }
  return false;
}

/** Names and content words that changed places: linked out of order on either side of a word that stays. */
function swappedNeighbours(side: Side): number {
  let swapped = 0;
  for (let index = 0; index < side.words.length; index++) {
    if (side.kind[index] !== MatchKind.moved || !side.words[index]?.isContent) continue;
    const match = side.match[index] ?? 0;
    for (let other = index + 1; other < side.words.length && other < index + 8; other++) {
      const place = side.match[other] ?? -1;
      if (place >= 0 && place < match && side.words[other]?.isContent) {
        swapped++;
        break;
      }
    }
  }
  return swapped;
}

/** Whether a moved pair hangs together by "and", "or", "between", "versus" or by a relation that holds both ways. */
function hasSymmetry(context: PairContext): boolean {
  return (context.a.classes & context.b.classes & WordClass.symmetric) !== 0;
}

/** Negation, opposites, voice and relations in which order matters. */
export const logicFeatures: FeatureGroup = {
  names: [
    'negation_parity',
    'negations_diff',
    'antonyms',
    'antonyms_even',
    'alternatives',
    'passive_differs',
    'passive_both',
    'swapped',
    'symmetric',
    'swapped_not_symmetric',
  ],
  fill: (context, into, offset) => {
    const { a, b, leftA, leftB, alignment } = context;
    const parity = (a.negations + b.negations) % 2;
    const antonyms = countAntonyms(leftA, leftB);
    const passive = [isPassive(a), isPassive(b)];
    const swapped = swappedNeighbours(alignment.a);
    const symmetric = Number(hasSymmetry(context));
    writeAll(
      [
        parity,
        Math.abs(a.negations - b.negations),
        antonyms,
        (antonyms + parity) % 2,
        countAlternatives(leftA, leftB),
        Number(passive[0] !== passive[1]),
        Number(passive[0] && passive[1]),
        swapped,
        symmetric,
        symmetric === 0 ? swapped : 0,
      ],
      into,
      offset,
    );
  },
};
