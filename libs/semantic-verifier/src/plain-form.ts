import { sameFormProbability } from './model/same-form';

/** Words with the marks that stand between and inside them in plain prose; anything else may be an operator (`5!` is a factorial) or code. */
const plain = /^[\p{L}\p{N} ,.?'’-]*$/u;

/**
 * The probability of two questions that are the same to the eye, but for case, spaces and the marks at the end; undefined for all others. It is what the verifier
 * gives such a pair at the least, for a microsecond instead of some hundred: repeats in another form are most of what a semantic cache
 * answers. Only of one line of plain prose: elsewhere case, spaces and marks may mean something.
 */
export function plainlySameProbability(one: string, other: string): number | undefined {
  if (Math.abs(one.length - other.length) > MAX_SPARE_CHARACTERS || !plain.test(one) || !plain.test(other))
    return undefined;
  return formOf(one) === formOf(other) ? sameFormProbability : undefined;
}

/** Spaces and marks by which two such texts may differ in length. */
const MAX_SPARE_CHARACTERS = 16;

const formOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/ +/g, ' ')
    .replace(/[ ?.]+$/, '')
    .trimStart();
