import { WordClass } from './lexicon/word-classes';
import { writeAll, type FeatureGroup, type Leftover } from './pair-context';

const COUNTED = [
  'number',
  'negator',
  'question',
  'modal',
  'auxiliary',
  'firstPerson',
  'secondPerson',
  'thirdPerson',
  'preposition',
  'conjunction',
  'determiner',
  'comparative',
  'superlative',
  'quantifier',
  'filler',
  'time',
  'evaluative',
  'aspect',
  'unit',
  'entity',
] as const satisfies readonly (keyof typeof WordClass)[];

/** The classes of `COUNTED`, then names, then content words of no class. */
const SIZE = COUNTED.length + 2;
const CLASSIFIED = COUNTED.reduce<number>((bits, name) => bits | WordClass[name], WordClass.function);

function countClasses({ words }: Leftover, into: Uint16Array): void {
  into.fill(0);
  for (const { entry, isName, isContent } of words) {
    for (let index = 0; index < COUNTED.length; index++) {
      if ((entry.classes & WordClass[COUNTED[index] ?? 'function']) !== 0) into[index] = (into[index] ?? 0) + 1;
    }
    if (isName) into[SIZE - 2] = (into[SIZE - 2] ?? 0) + 1;
    else if (isContent && (entry.classes & CLASSIFIED) === 0) into[SIZE - 1] = (into[SIZE - 1] ?? 0) + 1;
  }
}

/** What kind of words only one of the texts has: those of a class on the side that has fewer of them, and on the side that has more. */
export function createDifferenceFeatures(): FeatureGroup {
  const countsA = new Uint16Array(SIZE);
  const countsB = new Uint16Array(SIZE);
  const values = new Array<number>(2 * SIZE).fill(0);
  return {
    names: [...COUNTED, 'name', 'plain'].flatMap((name) => [`left_${name}_min`, `left_${name}_max`]),
    fill: ({ leftA, leftB }, into, offset) => {
      countClasses(leftA, countsA);
      countClasses(leftB, countsB);
      for (let index = 0; index < SIZE; index++) {
        const a = countsA[index] ?? 0;
        const b = countsB[index] ?? 0;
        values[2 * index] = Math.min(a, b);
        values[2 * index + 1] = Math.max(a, b);
      }
      writeAll(values, into, offset);
    },
  };
}
