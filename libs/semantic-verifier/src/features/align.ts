import type { PlacedWord, PreparedFeatures } from './prepare';
import { cosine } from './vectors';
import { areOpposite, familyLikeness, isSynonym, isTypo, likenessOf } from './word-likeness';

/** How a word of one text is found in the other. */
export const MatchKind = { none: 0, inOrder: 1, moved: 2, typo: 3, derived: 4, synonym: 5, similar: 6 } as const;

/** Words of one text and their counterparts in the other. */
export interface Side {
  readonly words: readonly PlacedWord[];
  /** Index of the counterpart in the other text, −1 without. */
  readonly match: Int16Array;
  readonly kind: Uint8Array;
  /** 1 for the same word, less for a similar one, 0 without counterpart. */
  readonly likeness: Float32Array;
  /** Cosine with the nearest of the words left over in the other text, where that was looked for; else 0. */
  readonly nearest: Float32Array;
}

export interface Alignment {
  readonly a: Side;
  readonly b: Side;
}

/** Words on a side up to which the longest common subsequence is exact; beyond, a look-ahead with a bounded number of comparisons. */
const MAX_EXACT_LCS = 64;
const LOOK_AHEAD = 12;
const MAX_COMPARISONS = 20_000;
/** Words left over on a side that are compared letter by letter, and by their vectors. */
const MAX_FUZZY = 24;
const MAX_SIMILAR = 8;
const TYPO_LIKENESS = 0.95;
const SYNONYM_LIKENESS = 0.9;
const COMPOUND_LIKENESS = 0.9;
/** Letters of an acronym at the most. */
const MAX_ACRONYM = 5;

function createSide(words: readonly PlacedWord[]): Side {
  const size = words.length;
  return {
    words,
    match: new Int16Array(size).fill(-1),
    kind: new Uint8Array(size),
    likeness: new Float32Array(size),
    nearest: new Float32Array(size),
  };
}

function link(a: Side, b: Side, i: number, j: number, kind: number, likeness: number): void {
  a.match[i] = j;
  b.match[j] = i;
  a.kind[i] = kind;
  b.kind[j] = kind;
  a.likeness[i] = likeness;
  b.likeness[j] = likeness;
}

function stemAt(side: Side, index: number): string {
  return side.words[index]?.entry.stem ?? '';
}

/** Longest common subsequence of stems in [from, endA) × [from, endB), by the usual table. */
function linkExactly(a: Side, b: Side, from: number, endA: number, endB: number): void {
  const rows = endA - from;
  const columns = endB - from;
  const table = new Uint8Array((rows + 1) * (columns + 1));
  const width = columns + 1;
  for (let i = rows - 1; i >= 0; i--) {
    const stem = stemAt(a, from + i);
    for (let j = columns - 1; j >= 0; j--) {
      const at = i * width + j;
      table[at] =
        stem === stemAt(b, from + j)
          ? (table[at + width + 1] ?? 0) + 1
          : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0);
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns;) {
    const at = i * width + j;
    if (stemAt(a, from + i) === stemAt(b, from + j)) {
      link(a, b, from + i, from + j, MatchKind.inOrder, 1);
      i++;
      j++;
    } else if ((table[at + width] ?? 0) >= (table[at + 1] ?? 0)) i++;
    else j++;
  }
}

/** The same for long texts, about: where they part it looks for the nearest place where they meet again. */
function linkByLookAhead(a: Side, b: Side, from: number, endA: number, endB: number): void {
  let budget = MAX_COMPARISONS;
  let i = from;
  let j = from;
  while (i < endA && j < endB && budget > 0) {
    let met = false;
    for (let apart = 0; apart <= LOOK_AHEAD && !met; apart++) {
      for (let x = 0; x <= apart && !met; x++) {
        budget--;
        if (i + x >= endA || j + apart - x >= endB || stemAt(a, i + x) !== stemAt(b, j + apart - x)) continue;
        i += x;
        j += apart - x;
        link(a, b, i, j, MatchKind.inOrder, 1);
        met = true;
      }
    }
    i++;
    j++;
  }
}

function linkInOrder(a: Side, b: Side): void {
  let from = 0;
  let endA = a.words.length;
  let endB = b.words.length;
  while (from < endA && from < endB && stemAt(a, from) === stemAt(b, from)) {
    link(a, b, from, from, MatchKind.inOrder, 1);
    from++;
  }
  while (endA > from && endB > from && stemAt(a, endA - 1) === stemAt(b, endB - 1)) {
    endA--;
    endB--;
    link(a, b, endA, endB, MatchKind.inOrder, 1);
  }
  if (endA === from || endB === from) return;
  if (endA - from <= MAX_EXACT_LCS && endB - from <= MAX_EXACT_LCS) linkExactly(a, b, from, endA, endB);
  else linkByLookAhead(a, b, from, endA, endB);
}

function unlinked(side: Side): number[] {
  const left: number[] = [];
  for (let index = 0; index < side.words.length; index++) if (side.kind[index] === MatchKind.none) left.push(index);
  return left;
}

function linkMoved(a: Side, b: Side): void {
  const waiting = new Map<string, number[]>();
  for (const j of unlinked(b)) {
    const places = waiting.get(stemAt(b, j));
    if (places) places.push(j);
    else waiting.set(stemAt(b, j), [j]);
  }
  if (waiting.size === 0) return;
  for (const i of unlinked(a)) {
    const j = waiting.get(stemAt(a, i))?.shift();
    if (j !== undefined) link(a, b, i, j, MatchKind.moved, 1);
  }
}

function linkFuzzy(a: Side, b: Side): void {
  const leftA = unlinked(a).slice(0, MAX_FUZZY);
  const leftB = unlinked(b).slice(0, MAX_FUZZY);
  for (const i of leftA) {
    const wordA = a.words[i];
    if (wordA === undefined) continue;
    for (const j of leftB) {
      const wordB = b.words[j];
      if (wordB === undefined || b.kind[j] !== MatchKind.none) continue;
      const likeness = familyLikeness(wordA, wordB);
      if (isSynonym(wordA, wordB)) link(a, b, i, j, MatchKind.synonym, SYNONYM_LIKENESS);
      else if (isTypo(wordA, wordB)) link(a, b, i, j, MatchKind.typo, TYPO_LIKENESS);
      else if (likeness > 0 && !areOpposite(wordA, wordB)) link(a, b, i, j, MatchKind.derived, likeness);
      else continue;
      break;
    }
  }
}

/** Initials, or all letters, of the words from `from` on, as many as there are letters or as it takes. */
function spells(side: Side, from: number, word: string): number {
  let joined = '';
  for (
    let index = from;
    index < side.words.length && side.kind[index] === MatchKind.none && joined.length < word.length;
    index++
  ) {
    joined += side.words[index]?.entry.text ?? '';
    if (joined === word) return index - from + 1;
  }
  if (word.length > MAX_ACRONYM) return 0;
  for (let index = 0; index < word.length; index++) {
    if (side.kind[from + index] !== MatchKind.none) return 0;
    if (side.words[from + index]?.entry.text.charAt(0) !== word.charAt(index)) return 0;
  }
  return word.length;
}

/** Links "startup" with "start up", "os" with "operating system". */
function linkCompounds(a: Side, b: Side): void {
  const leftB = unlinked(b).slice(0, MAX_FUZZY);
  if (leftB.length < 2) return;
  for (const i of unlinked(a).slice(0, MAX_FUZZY)) {
    const word = a.words[i];
    if (word === undefined || !word.isContent || word.entry.text.length < 2) continue;
    for (const j of leftB) {
      const count = b.kind[j] === MatchKind.none ? spells(b, j, word.entry.text) : 0;
      if (count < 2) continue;
      for (let index = j + count - 1; index >= j; index--) link(a, b, i, index, MatchKind.derived, COMPOUND_LIKENESS);
      break;
    }
  }
}

function heaviest(side: Side): number[] {
  const left = unlinked(side);
  if (left.length <= MAX_SIMILAR) return left;
  return left
    .sort((x, y) => (side.words[y]?.entry.weight ?? 0) - (side.words[x]?.entry.weight ?? 0))
    .slice(0, MAX_SIMILAR);
}

interface Candidate {
  i: number;
  j: number;
  likeness: number;
}

/** Pairs what is left by the words' vectors, the most alike first. */
function linkSimilar(a: Side, b: Side): void {
  const candidates: Candidate[] = [];
  const leftB = heaviest(b);
  for (const i of heaviest(a)) {
    for (const j of leftB) {
      const wordA = a.words[i];
      const wordB = b.words[j];
      if (wordA === undefined || wordB === undefined) continue;
      const similarity = cosine(wordA.entry, wordB.entry);
      a.nearest[i] = Math.max(a.nearest[i] ?? 0, similarity);
      b.nearest[j] = Math.max(b.nearest[j] ?? 0, similarity);
      const likeness = likenessOf(wordA, wordB, similarity);
      if (likeness > 0) candidates.push({ i, j, likeness });
    }
  }
  candidates.sort((x, y) => y.likeness - x.likeness);
  for (const { i, j, likeness } of candidates) {
    if (a.kind[i] === MatchKind.none && b.kind[j] === MatchKind.none) link(a, b, i, j, MatchKind.similar, likeness);
  }
}

/**
 * Finds for each word its counterpart in the other text: the same word in order, elsewhere, misspelt, of the same family, of like
 * meaning; in this order, so that each step has less to look at.
 */
export function align(a: PreparedFeatures, b: PreparedFeatures): Alignment {
  const sides = { a: createSide(a.words), b: createSide(b.words) };
  linkInOrder(sides.a, sides.b);
  linkMoved(sides.a, sides.b);
  linkCompounds(sides.a, sides.b);
  linkCompounds(sides.b, sides.a);
  linkFuzzy(sides.a, sides.b);
  linkSimilar(sides.a, sides.b);
  return sides;
}
