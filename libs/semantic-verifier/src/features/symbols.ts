/** Signs for one thing: "×" is "*", a minus of typesetters is "-". */
const SAME_SIGN: Readonly<Record<string, string>> = {
  '×': '*',
  '÷': '/',
  '−': '-',
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '→': '>',
  '←': '<',
};
const TYPESET = /[×÷−≤≥≠→←]/g;

const CANDIDATE = /[-+*/=<>&@|^~\\!]|(?![\x00-\x7f])\p{Sm}/gu;
const FORMULA = /[=<>+*^]/;
const LETTER = /\p{L}/u;
const DIGIT = /\d/;

/** Signs kept of a text at the most. */
const MAX_SIGNS = 64;

function isBlank(character: string): boolean {
  return character === '' || character === ' ' || character === '\n';
}

/** Whether a minus at `index` makes the number after it negative: "-5" and "(-5", not "2016-17" and not "2016 -17". */
function isNegative(text: string, index: number): boolean {
  if (!DIGIT.test(text.charAt(index + 1))) return false;
  const before = text.charAt(index - 1);
  if (before === '(' || before === '=' || before === ',') return true;
  return isBlank(before) && before !== '\n' && !DIGIT.test(text.slice(0, index).trimEnd().slice(-1));
}

/** Whether "-" or "/" in a formula is no hyphen of words. */
function reckons(before: string, after: string): boolean {
  return !(LETTER.test(before) && LETTER.test(after)) && (DIGIT.test(after) || isBlank(after));
}

/** Whether the sign at `index` computes or compares, and does not join words, quote, list or emphasise. */
function isOperator(text: string, index: number, inFormula: boolean): boolean {
  const sign = text.charAt(index);
  const before = text.charAt(index - 1);
  const after = text.charAt(index + 1);
  switch (sign) {
    case '+':
      return before !== '+' && (!LETTER.test(before) || DIGIT.test(after));
    case '*':
      return before !== '*' && after !== '*' && isBlank(before) === isBlank(after);
    case '&':
    case '|':
      return before === sign || after === sign;
    case '>':
      return before !== '' && before !== '\n';
    case '-':
      return isNegative(text, index) || (inFormula && reckons(before, after));
    case '/':
      return inFormula && reckons(before, after);
    case '~':
      return !DIGIT.test(after) && !isBlank(after);
    case '!':
      return after === '=' || ((isBlank(before) || before === '(') && LETTER.test(after));
    default:
      return true;
  }
}

/** The operators of a text in order, "===" or "+=": words alone do not tell "3x + 7 = 22" from "3x - 7 = 22". Empty for most texts. */
export function symbolsOf(written: string): string {
  const text = written.replace(TYPESET, (sign) => SAME_SIGN[sign] ?? sign);
  let signs = '';
  const inFormula = FORMULA.test(text);
  for (const { 0: sign, index } of text.matchAll(CANDIDATE)) {
    if (signs.length >= MAX_SIGNS) break;
    if (sign > '\x7f' || isOperator(text, index, inFormula)) signs += sign;
  }
  return signs;
}

/**
 * What means something between words that are the same: "5!" and "5", "[]" and "{}", "a?.b", "f'(x)". A "!" after a long
 * number, or one that a new sentence follows, is none.
 */
const MARK =
  /(?<=(?:^|[\s(])\d{1,3})!(?!\s+\p{Lu})|(?<= )!(?= \p{Ll})|[[\]{}]|(?<![\p{L}\p{N}_])\(\)|(?<=\p{L})\?(?=\.\p{L})|(?<=\p{L})['’](?=\()/gu;
const CONTRAST = /(?<=\d) ?[-/] ?(?=\d)|(?![\x00-\x7f°®©™])\p{So}/gu;

function gather(text: string, pattern: RegExp): string {
  let found = '';
  for (const [sign] of text.matchAll(pattern)) {
    if (found.length >= MAX_SIGNS) break;
    found += sign.trim();
  }
  return found;
}

/** Signs of a text, in order, that are operators in some and punctuation in other texts; empty for most. */
export const marksOf = (text: string): string => gather(text, MARK);

/** Signs between digits and pictures, each once: they tell "12/4" from "12-4", and tell nothing where the other text has none ("1/three", "Hi 😀"). */
export const contrastsOf = (text: string): string => [...new Set(gather(text, CONTRAST))].sort().join('');
