import type { VetoReason } from '../pair-verifier';
import { WordClass } from './lexicon/word-classes';
import { countAntonyms } from './logic-features';
import type { Leftover, PairContext } from './pair-context';

function has(left: Leftover, bits: number): boolean {
  return left.words.some(({ entry }) => (entry.classes & bits) !== 0);
}

function only(left: Leftover, bits: number): boolean {
  return left.words.every(({ entry }) => (entry.classes & bits) !== 0);
}

/** Refuses pairs that no likeness of the rest can make the same question; undefined for all others. */
export function vetoOf(context: PairContext): VetoReason | undefined {
  const { a, b, leftA, leftB } = context;
  if (a.key === b.key) return undefined;
  if (has(leftA, WordClass.number | WordClass.code) && has(leftB, WordClass.number | WordClass.code)) return 'number';
  if (leftA.words.some((word) => word.isName) && leftB.words.some((word) => word.isName)) return 'entity';
  const parity = (a.negations + b.negations) % 2;
  if (parity === 1 && only(leftA, WordClass.function) && only(leftB, WordClass.function)) return 'negation';
  if (parity === 0 && leftA.words.length === 1 && leftB.words.length === 1 && countAntonyms(leftA, leftB) === 1)
    return 'antonym';
  return undefined;
}
