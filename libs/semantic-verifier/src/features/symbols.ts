const CANDIDATE = /[-+*/=<>&@|^~\\]/g;
const FORMULA = /[=<>+*^]/;
const LETTER = /\p{L}/u;
const DIGIT = /\d/;

/** Signs kept of a text at the most. */
const MAX_SIGNS = 64;

function isBlank(character: string): boolean {
  return character === '' || character === ' ' || character === '\n';
}

/** Whether the sign between two characters computes or compares, and does not join words, quote, list or emphasise. */
function isOperator(sign: string, before: string, after: string, inFormula: boolean): boolean {
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
    case '/':
      return inFormula && !(LETTER.test(before) && LETTER.test(after)) && (DIGIT.test(after) || isBlank(after));
    case '~':
      return !DIGIT.test(after) && !isBlank(after);
    default:
      return true;
  }
}

/** The operators of a text in order, "===" or "+=": words alone do not tell "3x + 7 = 22" from "3x - 7 = 22". Empty for most texts. */
export function symbolsOf(text: string): string {
  let signs = '';
  const inFormula = FORMULA.test(text);
  for (const { 0: sign, index } of text.matchAll(CANDIDATE)) {
    if (signs.length >= MAX_SIGNS) break;
    if (isOperator(sign, text.charAt(index - 1), text.charAt(index + 1), inFormula)) signs += sign;
  }
  return signs;
}
