import { writeAll, type FeatureGroup } from './pair-context';

/** Compares the texts with their frames in one form: "what is the best way to" and "how can I" are the same here. */
export const coreFeatures: FeatureGroup = {
  names: ['core_equal', 'core_missing_min', 'core_missing_max', 'core_jaccard', 'core_first_equal', 'core_last_equal'],
  fill: ({ a: { core: a }, b: { core: b } }, into, offset) => {
    const bagA = new Set(a);
    const bagB = new Set(b);
    let missingA = 0;
    let missingB = 0;
    for (const word of bagA) if (!bagB.has(word)) missingA++;
    for (const word of bagB) if (!bagA.has(word)) missingB++;
    const union = bagA.size + missingB;
    writeAll(
      [
        Number(a.length === b.length && a.every((word, index) => word === b[index])),
        Math.min(missingA, missingB),
        Math.max(missingA, missingB),
        union === 0 ? 1 : (bagA.size - missingA) / union,
        Number(a[0] === b[0]),
        Number(a.at(-1) === b.at(-1)),
      ],
      into,
      offset,
    );
  },
};
