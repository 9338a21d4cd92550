/**
 * Least probability of a pair that is the same but for case, punctuation, politeness and the form of numbers: of some 2,300 such pairs in training
 * nine were labelled different, all but three by mistake (a number in words, a space in a word). The calibration, made for what trees rank, cannot
 * tell them from its best range.
 */
export const sameFormProbability = 0.998;

/** Whether the row of features at `start` is of a pair whose texts have one normal form. */
export type SameForm = (features: Float32Array, start: number) => boolean;

export function createSameForm(names: readonly string[]): SameForm {
  const columns = ['key_equal', 'compact_equal'].map((name) => names.indexOf(name)).filter((column) => column >= 0);
  return (features, start) => columns.some((column) => features[start + column] === 1);
}
