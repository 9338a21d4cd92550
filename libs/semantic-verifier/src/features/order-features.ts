import { MatchKind, type Side } from './align';
import { writeAll, type FeatureGroup } from './pair-context';

/** Content words whose order is compared; the pairs grow with the square. */
const MAX_ORDERED = 40;

interface Moves {
  moved: number;
  movedContent: number;
  movedNames: number;
  farthest: number;
}

function movesOf(side: Side): Moves {
  const moves: Moves = { moved: 0, movedContent: 0, movedNames: 0, farthest: 0 };
  for (let index = 0; index < side.words.length; index++) {
    if (side.kind[index] !== MatchKind.moved) continue;
    moves.moved++;
    const word = side.words[index];
    if (word?.isContent) moves.movedContent++;
    if (word?.isName) moves.movedNames++;
    moves.farthest = Math.max(moves.farthest, Math.abs(index - (side.match[index] ?? index)));
  }
  return moves;
}

/** Share of the pairs of linked content words that stand the other way round in the other text. */
function inversionShare(side: Side): number {
  const places: number[] = [];
  for (let index = 0; index < side.words.length && places.length < MAX_ORDERED; index++) {
    const match = side.match[index] ?? -1;
    if (match >= 0 && side.words[index]?.isContent) places.push(match);
  }
  let inverted = 0;
  for (let i = 0; i < places.length; i++)
    for (let j = i + 1; j < places.length; j++) if ((places[j] ?? 0) < (places[i] ?? 0)) inverted++;
  const pairs = (places.length * (places.length - 1)) / 2;
  return pairs === 0 ? 0 : inverted / pairs;
}

/** Share of neighbouring words that are neighbours in the other text too. */
function neighbourShare(side: Side): number {
  let kept = 0;
  for (let index = 1; index < side.words.length; index++) {
    const match = side.match[index] ?? -1;
    if (match > 0 && side.match[index - 1] === match - 1) kept++;
  }
  return side.words.length < 2 ? 1 : kept / (side.words.length - 1);
}

function inOrderShare(side: Side): number {
  let count = 0;
  for (const kind of side.kind) if (kind === MatchKind.inOrder) count++;
  return side.words.length === 0 ? 1 : count / side.words.length;
}

interface Gaps {
  count: number;
  /** Gaps in which both texts have content words of their own: something is said in place of something else. */
  replaced: number;
  longest: number;
}

/** Stretches between words that are linked in order. */
function gapsOf(a: Side, b: Side): Gaps {
  const gaps: Gaps = { count: 0, replaced: 0, longest: 0 };
  let i = 0;
  let j = 0;
  const close = (endA: number, endB: number): void => {
    if (endA === i && endB === j) return;
    gaps.count++;
    gaps.longest = Math.max(gaps.longest, endA - i, endB - j);
    const hasContent = (side: Side, from: number, to: number): boolean => {
      for (let index = from; index < to; index++) if (side.words[index]?.isContent) return true;
      return false;
    };
    if (hasContent(a, i, endA) && hasContent(b, j, endB)) gaps.replaced++;
  };
  for (let index = 0; index < a.words.length; index++) {
    if (a.kind[index] !== MatchKind.inOrder) continue;
    const match = a.match[index] ?? 0;
    close(index, match);
    i = index + 1;
    j = match + 1;
  }
  close(a.words.length, b.words.length);
  return gaps;
}

function edgeContent(side: Side, last: boolean): number {
  for (let step = 0; step < side.words.length; step++) {
    const index = last ? side.words.length - 1 - step : step;
    if (side.words[index]?.isContent) return index;
  }
  return -1;
}

function edgeAgrees(a: Side, b: Side, last: boolean): number {
  const at = edgeContent(a, last);
  const other = edgeContent(b, last);
  return Number(at >= 0 && other >= 0 && a.match[at] === other);
}

/** Whether what both texts say is said in the same order. */
export const orderFeatures: FeatureGroup = {
  names: [
    'moved',
    'moved_content',
    'moved_names',
    'moved_farthest',
    'inversions',
    'neighbours_min',
    'neighbours_max',
    'in_order_min',
    'in_order_max',
    'gaps',
    'gaps_replaced',
    'gap_longest',
    'first_content_agrees',
    'last_content_agrees',
  ],
  fill: ({ alignment: { a, b } }, into, offset) => {
    const moves = movesOf(a);
    const gaps = gapsOf(a, b);
    const neighbours = [neighbourShare(a), neighbourShare(b)];
    const inOrder = [inOrderShare(a), inOrderShare(b)];
    writeAll(
      [
        moves.moved,
        moves.movedContent,
        moves.movedNames,
        moves.farthest,
        inversionShare(a),
        Math.min(...neighbours),
        Math.max(...neighbours),
        Math.min(...inOrder),
        Math.max(...inOrder),
        gaps.count,
        gaps.replaced,
        gaps.longest,
        edgeAgrees(a, b, false),
        edgeAgrees(a, b, true),
      ],
      into,
      offset,
    );
  },
};
