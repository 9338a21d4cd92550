/** What a token is; words are runs of letters, numbers runs of digits, everything else stands alone. */
export const tokenKind = { word: 0, number: 1, sign: 2, lineBreak: 3 } as const;

/** Tokens of a text, in buffers that the next scan overwrites. */
export interface Tokens {
  count: number;
  /** 32-bit hash of each token, words in lower case. */
  readonly hashes: Int32Array;
  readonly kinds: Uint8Array;
  /** Where each token begins and ends in the text. */
  readonly starts: Uint16Array;
  readonly ends: Uint16Array;
}

/** Characters of a prompt that are read; what stands behind them changes nothing. */
export const maxCharacters = 8_000;

const hashStart = 0x811c9dc5 | 0;
const hashPrime = 0x01000193;

export const createTokens = (): Tokens => ({
  count: 0,
  hashes: new Int32Array(maxCharacters),
  kinds: new Uint8Array(maxCharacters),
  starts: new Uint16Array(maxCharacters),
  ends: new Uint16Array(maxCharacters),
});

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Letters of alphabets; ideographs and syllables stand alone, as signs do. */
function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7;
}

/** Lower case of ASCII and Latin-1; other letters as they are. */
const lower = (code: number): number =>
  (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0xde && code !== 0xd7) ? code + 32 : code;

/** FNV-1a over the lower-cased characters of a word. */
export function hashWord(word: string): number {
  let hash = hashStart;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ lower(word.charCodeAt(at)), hashPrime);
  return hash;
}

/** Splits the first 8,000 characters into tokens; spaces are left out, line breaks are not. Nothing is allocated. */
export function scanTokens(text: string, into: Tokens): void {
  const { hashes, kinds, starts, ends } = into;
  const end = Math.min(text.length, maxCharacters);
  let count = 0;
  let at = 0;
  while (at < end) {
    const start = at;
    const first = text.charCodeAt(at);
    at += 1;
    let kind: number = tokenKind.sign;
    let hash = Math.imul(hashStart ^ lower(first), hashPrime);
    if (isLetter(first)) {
      kind = tokenKind.word;
      for (; at < end; at += 1) {
        const code = text.charCodeAt(at);
        if (!isLetter(code)) break;
        hash = Math.imul(hash ^ lower(code), hashPrime);
      }
    } else if (isDigit(first)) {
      kind = tokenKind.number;
      for (; at < end; at += 1) {
        const code = text.charCodeAt(at);
        if (!isDigit(code)) break;
        hash = Math.imul(hash ^ code, hashPrime);
      }
    } else if (first === 10) kind = tokenKind.lineBreak;
    else if (first <= 32 || first === 0xa0) continue;
    hashes[count] = hash;
    kinds[count] = kind;
    starts[count] = start;
    ends[count] = at;
    count += 1;
  }
  into.count = count;
}

/** Hash of two tokens in this order. */
export function hashPair(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1 | 0) ^ second;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b | 0);
  return hash ^ (hash >>> 13);
}
