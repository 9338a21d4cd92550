/** What BERT's uncased tokenizer does with a character. */
export const LETTER = 0;
/** Ends a word. */
export const SPACE = 1;
/** A word of its own. */
export const PUNCTUATION = 2;
/** Taken out, as if it had not been there. */
export const DROPPED = 3;

const punctuation = /\p{P}/u;
const whiteSpace = /\p{White_Space}/u;
// Unassigned code points stay: the original's table of Unicode does not know them as such.
const control = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;

/** Chinese characters as BERT means them: each is a word of its own; kana and hangul are not among them. */
const chineseRanges: readonly (readonly [number, number])[] = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0x2f800, 0x2fa1f],
];

export const isChinese = (codePoint: number): boolean =>
  codePoint >= 0x3400 && chineseRanges.some(([first, last]) => codePoint >= first && codePoint <= last);

function classify(codePoint: number): number {
  if (codePoint === 9 || codePoint === 10 || codePoint === 13) return SPACE;
  const character = String.fromCodePoint(codePoint);
  if (codePoint === 0 || codePoint === 0xfffd || control.test(character)) return DROPPED;
  if (whiteSpace.test(character)) return SPACE;
  // BERT counts every ASCII sign as punctuation, also $, + and ~, which Unicode calls symbols.
  const isAsciiSign = codePoint > 32 && codePoint < 127 && !/[a-z0-9]/i.test(character);
  return isAsciiSign || punctuation.test(character) ? PUNCTUATION : LETTER;
}

const unknown = 255;
const classes = new Uint8Array(0x10000).fill(unknown);
for (let codePoint = 0; codePoint < 128; codePoint += 1) classes[codePoint] = classify(codePoint);

/** One of the classes above; remembered for the first 65,536 code points. */
export function classOf(codePoint: number): number {
  if (codePoint > 0xffff) return classify(codePoint);
  const known = classes[codePoint] ?? unknown;
  if (known !== unknown) return known;
  const found = classify(codePoint);
  classes[codePoint] = found;
  return found;
}
