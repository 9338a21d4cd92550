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

/** Whether a number stands by itself: not within a word, a longer number, a path, a decimal or a UUID. */
export function standsAlone(text: string, start: number, end: number): boolean {
  return !/[\p{L}\p{N}_\-./,\\&]/u.test(text[start - 1] ?? ' ') || isAfterName(text, start)
    ? !/^(?:[\p{L}\p{N}_\\]|[-./,:][\p{L}\p{N}])/u.test(text.slice(end, end + 3))
    : false;
}

/** `tel./4111…`, `no.4111…`: punctuation that ends a word rather than begins a decimal. */
const isAfterName = (text: string, start: number): boolean =>
  /\p{L}[.,/]$/u.test(text.slice(Math.max(0, start - 2), start));

/** Words beside which a code of digits and letters is a thing's and not a person's. */
export const stockWords =
  /\b(?:order|sku|part|model|ref|reference|serial|item|ticket|invoice|product|version|bestellung|artikel|pedido|commande)s?\b/;

export const nationalInsuranceWords = /national insurance|\bnino?\b|\bni (?:no|number)/;
