/** Whether two answers to two wordings say the same. `unclear`: they cannot be compared. */
export type AnswerVerdict = 'agrees' | 'differs' | 'unclear';

export interface Comparison {
  verdict: AnswerVerdict;
  /** Both say the same to the letter: nobody else need be asked. */
  isExact: boolean;
}

/** Answers this short are about one fact, and their numbers are it. */
const SHORT_CHARACTERS = 160;
const numberPattern = /\d+(?:[.,]\d+)*/g;

/**
 * Compares the answer that was given with one asked for afresh. Equal texts agree; short answers with different numbers differ; else the cosine of
 * their vectors decides. A cosine finds answers about another matter, not a wrong detail in a long text: where that counts, an LLM judge is
 * to be configured.
 */
export function compareAnswers(given: string, fresh: string, cosine: number, agreesFrom: number): Comparison {
  const [one, other] = [plain(given), plain(fresh)];
  if (one === '' || other === '') return { verdict: 'unclear', isExact: false };
  if (one === other) return { verdict: 'agrees', isExact: true };
  if (Math.max(one.length, other.length) <= SHORT_CHARACTERS && hasOtherNumbers(one, other))
    return { verdict: 'differs', isExact: false };
  return { verdict: cosine >= agreesFrom ? 'agrees' : 'differs', isExact: false };
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}.,%$€£-]+/gu, ' ')
    .replace(/[.,]+(?= |$)/g, '')
    .trim();

function hasOtherNumbers(one: string, other: string): boolean {
  const [numbers, others] = [one, other].map((text) => new Set(text.match(numberPattern)));
  if (!numbers || !others || numbers.size === 0 || others.size === 0) return false;
  return ![...numbers].some((number) => others.has(number));
}

export function cosineOf(one: Float32Array, other: Float32Array): number {
  let dot = 0;
  for (let at = 0; at < one.length; at++) dot += (one[at] ?? 0) * (other[at] ?? 0);
  return dot;
}
