const BEFORE = 48;
const AFTER = 20;

/** What stands around a place, in lower case: enough to find the word that says what a number is. */
export function surroundings(text: string, start: number, end: number): string {
  const before = text.slice(Math.max(0, start - BEFORE), start);
  return `${before} \n ${text.slice(end, end + AFTER)}`.toLowerCase();
}

/** What stands before a place, in lower case. */
export const precedingText = (text: string, start: number, length: number): string =>
  text.slice(Math.max(0, start - length), start).toLowerCase();

const operatorsBefore = new Set([...'*^×÷·√<>%$€£#±']);
const operatorsAfter = new Set([...'*^×÷·+=<>%€£$±°']);

/** Whether a number is an operand, an amount or a running number: `3 * 4242…`, `4242… = x`, `$4242…`, `#4242…`. */
export function isArithmetic(text: string, start: number, end: number): boolean {
  const before = text
    .slice(Math.max(0, start - 3), start)
    .trimEnd()
    .at(-1);
  const after = text.slice(end, end + 3).trimStart()[0];
  return (before !== undefined && operatorsBefore.has(before)) || (after !== undefined && operatorsAfter.has(after));
}

/** Letters of scripts that set words apart by spaces; a number may follow those of others at once: `カード番号は4242…`. */
const letters =
  '\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Devanagari}';
/** What a number or a code may not touch: it would be part of a longer word. */
export const wordCharacter = new RegExp(`[${letters}\\p{N}_]`, 'u');

const clingsBefore = new RegExp(`[${letters}\\p{N}_\\-./,\\\\&]$`, 'u');
/** `tel./4111…`, `no.4111…`: punctuation that ends a word rather than begins a decimal. */
const endsWord = /\p{L}[.,/]$/u;
const clingsAfter = new RegExp(`^(?:[${letters}\\p{N}_\\\\]|[-./,:][\\p{L}\\p{N}])`, 'u');

/** Whether a number stands by itself: not within a word, a longer number, a path, a decimal or a UUID. */
export function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  return (!clingsBefore.test(before) || endsWord.test(before)) && !clingsAfter.test(text.slice(end, end + 2));
}

/** Words beside which a code of digits and letters is a thing's and not a person's. */
export const stockWords =
  /\b(?:order|sku|part|model|ref|reference|serial|item|ticket|invoice|product|version|bestellung|artikel|pedido|commande)s?\b/;

export const nationalInsuranceWords = /national insurance|\bnino?\b|\bni (?:no|number)/;
