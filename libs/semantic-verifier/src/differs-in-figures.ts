const digitRun = /\d+/g;
/** A name with figures in it: an order's number, a hash, a part's code. Shorter ones may be written in several ways (`9am`, `4x4`). */
const code = /[a-z0-9][a-z0-9_-]{4,}[a-z0-9]/g;
const MAX_CODES = 50;

/**
 * Whether two questions differ in a figure or in a code, beyond doubt and for a few microseconds: texts that are made from one pattern with other numbers in
 * it are the commonest near misses, and the verifier, which knows numbers in words and dates, need not be asked about them. Equally many runs
 * of digits that are not the same runs (in any order, zeros in front left out), or a code of one that the other does not hold.
 */
export function differsInFigures(one: string, other: string): boolean {
  const [runs, others] = [runsOf(one), runsOf(other)];
  if (runs.length > 0 && runs.length === others.length && runs.some((run, at) => run !== others[at])) return true;
  return lacksCode(one, other) || lacksCode(other, one);
}

const runsOf = (text: string): string[] =>
  (text.match(digitRun) ?? []).map((run) => run.replace(/^0+(?=\d)/, '')).sort();

function lacksCode(one: string, other: string): boolean {
  const codes = (one.toLowerCase().match(code) ?? [])
    .slice(0, MAX_CODES)
    .filter((word) => /\d/.test(word) && /[a-z]/.test(word));
  if (codes.length === 0) return false;
  const text = compact(other.toLowerCase());
  return codes.some((word) => !text.includes(compact(word)));
}

/** `iPhone 15`, `iphone-15` and `iPhone15` are one code. */
const compact = (text: string): string => text.replace(/[\s_-]+/g, '');
