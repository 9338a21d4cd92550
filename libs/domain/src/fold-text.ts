/**
 * Signs that a text may be code, data, a formula or a quotation, where a letter's case or a space counts. Rather too many than too few: a
 * text with one of them is only not folded.
 */
const literalSigns = [
  // Fences and back-ticks, brackets, semicolons, operators, quotation marks, tabs.
  /[`{}[\]<>;\\|=_$@#~^&*"“”„«»\t]|::|->|--|:\/\/|\/\w/,
  // An indented line.
  /^ {2,}\S/m,
  // A call or a formula, not an aside: the bracket stands right behind a word.
  /[\p{L}\p{N}]\(/u,
  // camelCase, and names with a dot.
  /\p{Ll}\p{Lu}|\w\.[a-z]/u,
];

/** Whether case, spaces or punctuation of a text may carry meaning: code, data, formulas, quotations. */
export const isLiteral = (text: string): boolean => literalSigns.some((sign) => sign.test(text));

const END_MARKS = new Set(['?', '!', '.', ' ', '\n']);

/** Behind these `!` is a factorial: a number, a bracket, a letter that stands alone. */
const BEFORE_FACTORIAL = /[\p{N})]$|(^|[^\p{L}\p{M}])\p{L}$/u;

/**
 * Leaves out what one question is asked with and without: case, `?`, `!` and `.` at its end, repeated spaces. A text that may be meant
 * literally (see {@link isLiteral}) stays as it is. Takes text that is NFC and has no outer white space, and gives the like.
 */
export function foldText(text: string): string {
  if (isLiteral(text)) return text;
  let end = text.length;
  while (end > 0 && END_MARKS.has(text.charAt(end - 1))) end--;
  const isFactorial = text.includes('!', end) && BEFORE_FACTORIAL.test(text.slice(Math.max(0, end - 2), end));
  const body = end === 0 || isFactorial ? text : text.slice(0, end);
  return body.toLowerCase().normalize('NFC').replace(/ {2,}/g, ' ').trim();
}
