// How the text of an answer is read by the checks.

/** Compared without regard to case, width of characters and white space. */
export const fold = (text) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

const outer = /^[\s"'`*“”„«»「」]+|[\s"'`*“”„«»「」.。!！]+$/gu;

/** An answer of a few words without what models like to put around them: quotes, emphasis, a final period. */
export const bare = (text) => text.normalize('NFKC').replace(/\s+/g, ' ').replace(outer, '');

/** Where the digits of other scripts begin. */
const zeros = [0x0660, 0x06f0, 0x0966, 0xff10];
const asciiDigits = (text) =>
  text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0);
    const zero = zeros.find((start) => code >= start && code < start + 10);
    return zero === undefined ? digit : String(code - zero);
  });

const numberPattern =
  /(?<![\p{L}\d)])[-−]?\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|(?<![\p{L}\d)])[-−]?\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*/gu;

/** The last number of a text, in each way in which its points and commas can be read; none: an empty list. */
export function readingsOfLastNumber(text) {
  const found = asciiDigits(text).match(numberPattern)?.at(-1);
  if (found === undefined) return [];
  const plain = found.replace(/[ '’\u00a0\u202f]/g, '').replace('−', '-');
  const readings = [plain.replaceAll(',', ''), plain.replaceAll('.', '').replace(',', '.'), plain.replace(',', '.')];
  return [...new Set(readings.map(Number).filter(Number.isFinite))];
}

/** The JSON value that an answer is, alone or in a code fence; throws a SyntaxError for anything else. */
export function parseJsonAnswer(text) {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/i.exec(text);
  return JSON.parse(fenced ? fenced[1] : text);
}
