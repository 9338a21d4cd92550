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
  symmetric: number;
}

/** Words of a middle in which an exchange is looked for. */
const MAX_MIDDLE = 40;

/** "X … Y" in one text and "Y … X" in the other: what is between them in the first one, as [from, to). */
interface Exchange {
  from: number;
  to: number;
  /** Words of the shorter of X and Y. */
  words: number;
}

function stemAt(side: Side, index: number): string {
  return side.words[index]?.entry.stem ?? '';
}

/** Words at the end of `side`'s stretch that open the other's stretch; 0 when its opening word is not followed up to the end. */
function openingAtEnd(side: Side, end: number, from: number, other: Side): number {
  const first = stemAt(other, from);
  let at = end - 1;
  while (at >= from && stemAt(side, at) !== first) at--;
  if (at < from) return 0;
  for (let index = at; index < end; index++) if (stemAt(side, index) !== stemAt(other, from + index - at)) return 0;
  return end - at;
}

function exchangeOf(a: Side, b: Side, { from, toA, toB }: Middle): Exchange | undefined {
  if (toA - from > MAX_MIDDLE || toB - from > MAX_MIDDLE) return undefined;
  const y = openingAtEnd(a, toA, from, b);
  const x = openingAtEnd(b, toB, from, a);
  if (x === 0 || y === 0 || from + x > toA - y) return undefined;
  return { from: from + x, to: toA - y, words: Math.min(x, y) };
}

/** What stays in place, while what is around it changes sides: of an exchange what is between, else what is linked in order. */
function hingeOf(side: Side, { from, toA }: Middle, exchange: Exchange | undefined): Hinge {
  const hinge: Hinge = { words: 0, joins: 0, content: 0, directed: 0, symmetric: 0 };
  for (let index = exchange?.from ?? from; index < (exchange?.to ?? toA); index++) {
    const word = side.words[index];
    if (word === undefined || (exchange === undefined && side.kind[index] !== MatchKind.inOrder)) continue;
    hinge.words++;
    if (JOINS.has(word.entry.text)) hinge.joins++;
    if (word.isContent) hinge.content++;
    if ((word.entry.classes & (WordClass.preposition | WordClass.comparative)) !== 0) hinge.directed++;
    if ((word.entry.classes & WordClass.symmetric) !== 0) hinge.symmetric++;
  }
  return hinge;
}

function isOpening(side: Side, upTo: number): boolean {
  for (let index = Math.max(0, upTo - 4); index < upTo; index++)
    if ((side.words[index]?.entry.classes ?? 0) & WordClass.symmetric) return true;
  return false;
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
    'exchange_words',
    'exchange_kind',
  ],
  fill: ({ alignment: { a, b }, leftA, leftB }: PairContext, into, offset) => {
    const middle = middleOf(a, b);
    const exchange = exchangeOf(a, b, middle);
    const hinge = hingeOf(a, middle, exchange);
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
        hinge.symmetric,
        Number(isOpening(a, middle.from)),
        left,
        exchange?.words ?? 0,
        exchange === undefined ? 0 : hinge.content + hinge.directed === 0 ? 2 : 1,
      ],
      into,
      offset,
    );
  },
};
