import { writeAll, type FeatureGroup } from './pair-context';

/** Which kinds of answer the two questions want. */
export const questionFeatures: FeatureGroup = {
  names: ['kind_low', 'kind_high', 'kind_equal'],
  fill: ({ a, b }, into, offset) => {
    writeAll(
      [
        Math.min(a.questionKind, b.questionKind),
        Math.max(a.questionKind, b.questionKind),
        Number(a.questionKind === b.questionKind),
      ],
      into,
      offset,
    );
  },
};
