import { MatchKind, type Side } from './align';
import { WordClass } from './lexicon/word-classes';
import { writeAll, type FeatureGroup, type PairContext } from './pair-context';

/** Words between the common beginning and the common end of two texts, as [from, to) on each side. */
interface Middle {
  from: number;
  toA: number;
  toB: number;
}

function middleOf(a: Side, b: Side): Middle {
  let from = 0;
  let toA = a.words.length;
  let toB = b.words.length;
  while (from < toA && from < toB && a.match[from] === from) from++;
  while (toA > from && toB > from && a.match[toA - 1] === toB - 1) {
    toA--;
    toB--;
  }
  return { from, toA, toB };
}

const JOINS = new Set(['and', 'or', 'versus', 'nor', 'with', 'between']);

interface Hinge {
  words: number;
  joins: number;
  content: number;
  directed: number;
}

/** What stays in place in the middle, while what is around it changes sides. */
function hingeOf(side: Side, { from, toA }: Middle): Hinge {
  const hinge: Hinge = { words: 0, joins: 0, content: 0, directed: 0 };
  for (let index = from; index < toA; index++) {
    const word = side.words[index];
    if (word === undefined || side.kind[index] !== MatchKind.inOrder) continue;
    hinge.words++;
    if (JOINS.has(word.entry.text)) hinge.joins++;
    if (word.isContent) hinge.content++;
    if ((word.entry.classes & (WordClass.preposition | WordClass.comparative)) !== 0) hinge.directed++;
  }
  return hinge;
}

function isOpening(side: Side, upTo: number): boolean {
  for (let index = Math.max(0, upTo - 4); index < upTo; index++)
    if ((side.words[index]?.entry.classes ?? 0) & WordClass.symmetric) return true;
  return false;
}

function symmetricWithin(side: Side, { from, toA }: Middle): number {
  let found = 0;
  for (let index = from; index < toA; index++) {
    const word = side.words[index];
    if (word && (word.entry.classes & WordClass.symmetric) !== 0 && side.kind[index] === MatchKind.inOrder) found++;
  }
  return found;
}

/**
 * Texts of the same words in another order: whether what changed places hangs together by "and", "or", "between", "married to", in which
 * case nothing is changed, or by a verb or a preposition.
 */
export const rotationFeatures: FeatureGroup = {
  names: [
    'same_bag',
    'same_content_bag',
    'middle_words',
    'hinge_words',
    'hinge_joins',
    'hinge_content',
    'hinge_directed',
    'hinge_symmetric',
    'hinge_after_symmetric',
    'middle_left',
  ],
  fill: ({ alignment: { a, b }, leftA, leftB }: PairContext, into, offset) => {
    const middle = middleOf(a, b);
    const hinge = hingeOf(a, middle);
    const left = leftA.words.length + leftB.words.length;
    const leftContent =
      leftA.words.filter((word) => word.isContent).length + leftB.words.filter((word) => word.isContent).length;
    writeAll(
      [
        Number(left === 0),
        Number(leftContent === 0),
        Math.max(middle.toA, middle.toB) - middle.from,
        hinge.words,
        hinge.joins,
        hinge.content,
        hinge.directed,
        symmetricWithin(a, middle),
        Number(isOpening(a, middle.from)),
        left,
      ],
      into,
      offset,
    );
  },
};
