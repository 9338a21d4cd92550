import { createRandom, shuffle } from './seeded-random';

export interface TextPair {
  a: string;
  b: string;
}

/** Letters and digits in lower case: texts that differ in nothing else are one text to the folds. */
const keyOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/**
 * A group number for each pair: pairs that share a text, directly or through other pairs, are in one group (union-find).
 * Scores are honest only when training has seen no text of the group.
 */
export function groupByText(pairs: readonly TextPair[]): Int32Array {
  const parents: number[] = [];
  const find = (node: number): number => {
    let root = node;
    while (parents[root] !== root) root = parents[root] as number;
    for (let next = node; next !== root;) {
      const above = parents[next] as number;
      parents[next] = root;
      next = above;
    }
    return root;
  };
  const numbers = new Map<string, number>();
  const numberOf = (text: string) => {
    const key = keyOf(text);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, parents.length);
    parents.push(parents.length);
    return parents.length - 1;
  };
  const firsts = pairs.map(({ a, b }) => {
    const first = numberOf(a);
    parents[find(numberOf(b))] = find(first);
    return first;
  });
  return Int32Array.from(firsts, find);
}

/** A fold (0 to folds - 1) for each pair: whole groups, largest first into the emptiest fold, in an order that the seed decides. */
export function groupedFolds(groups: Int32Array, folds: number, seed: number): Uint8Array {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const order = Int32Array.from(sizes.keys());
  shuffle(order, createRandom(seed));
  const sorted = Array.from(order).sort((first, second) => (sizes.get(second) ?? 0) - (sizes.get(first) ?? 0));
  const filled = new Array<number>(folds).fill(0);
  const foldOf = new Map<number, number>();
  for (const group of sorted) {
    const fold = filled.indexOf(Math.min(...filled));
    foldOf.set(group, fold);
    filled[fold] = (filled[fold] ?? 0) + (sizes.get(group) ?? 0);
  }
  return Uint8Array.from(groups, (group) => foldOf.get(group) ?? 0);
}
