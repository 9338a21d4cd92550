import { complexityLexicon, type WordSigns } from './complexity-lexicon';

/** Sums over a text; none of them falls when text is added. */
export interface TextSigns {
  /** Rough number of tokens of the whole text. */
  tokens: number;
  reasoning: number;
  domain: number;
  demand: number;
  output: number;
  /** Numbers, up to 12. */
  numbers: number;
  /** Signs of code and formulas, up to 24. */
  symbols: number;
  /** Sentences, list items and lines, up to 16. */
  parts: number;
}

/** Of a longer text only its first and last characters are read: there stands what is asked, between them what it is asked about. */
export const headCharacters = 6_000;
export const tailCharacters = 2_000;

const charactersPerToken = 4;
/** A character of Chinese or Japanese, in tokens beyond what every character counts. */
const extraTokensPerIdeogram = 0.45;

/** A word of at least this many letters is more often than not a term of some field. */
const longWordLetters = 12;
const longWordDomain = 0.3;

const enum Kind {
  Space = 0,
  Letter = 1,
  Digit = 2,
  Symbol = 3,
  End = 4,
  Other = 5,
}

const kinds = new Uint8Array(128).fill(Kind.Other);
for (let code = 0; code <= 32; code += 1) kinds[code] = Kind.Space;
for (let code = 97; code <= 122; code += 1) kinds[code] = kinds[code - 32] = Kind.Letter;
for (let code = 48; code <= 57; code += 1) kinds[code] = Kind.Digit;
for (const sign of '{}[]<>=;`\\|^*+$_~&#@') kinds[sign.charCodeAt(0)] = Kind.Symbol;
for (const sign of '.?!\n') kinds[sign.charCodeAt(0)] = Kind.End;
// A hyphen belongs to its word: "trade-off".
kinds[45] = Kind.Letter;

function kindOf(code: number): Kind {
  if (code < 128) return kinds[code] as Kind;
  if (code === 0x3002 || code === 0xff1f || code === 0xff01) return Kind.End;
  return code >= 0xc0 && code < 0x2000 ? Kind.Letter : Kind.Other;
}

const isIdeogram = (code: number): boolean => code >= 0x3040 && code < 0xa000;

/**
 * Reads a request's text once: which words say that thinking, knowledge, conditions or a long answer are asked for. A word counts once,
 * however often it comes. At most 8,000 characters are read; time is linear in them.
 */
export function scanRequestText(text: string): TextSigns {
  const isLong = text.length > headCharacters + tailCharacters;
  const read = (isLong ? `${text.slice(0, headCharacters)}\n${text.slice(-tailCharacters)}` : text).toLowerCase();
  const signs: TextSigns = {
    tokens: text.length / charactersPerToken,
    reasoning: 0,
    domain: 0,
    demand: 0,
    output: 0,
    numbers: 0,
    symbols: 0,
    parts: 0,
  };
  const seen = new Set<string>();
  let start = -1;
  let last = Kind.Space as Kind;
  for (let at = 0; at <= read.length; at += 1) {
    const code = at < read.length ? read.charCodeAt(at) : 32;
    const kind = kindOf(code);
    if (kind === Kind.Letter) {
      if (start < 0) start = at;
    } else {
      if (start >= 0) {
        countWord(signs, seen, read.slice(start, at));
        start = -1;
      }
      if (kind === Kind.Symbol) signs.symbols += 1;
      else if (kind === Kind.Digit && last !== Kind.Digit) signs.numbers += 1;
      else if (kind === Kind.End && last !== Kind.End) signs.parts += 1;
      else if (isIdeogram(code)) {
        signs.tokens += extraTokensPerIdeogram;
        countWord(signs, seen, read.slice(at, at + 2));
      }
    }
    last = kind;
  }
  signs.numbers = Math.min(12, signs.numbers);
  signs.symbols = Math.min(24, signs.symbols);
  signs.parts = Math.min(16, signs.parts);
  return signs;
}

function countWord(signs: TextSigns, seen: Set<string>, word: string): void {
  const found: WordSigns | undefined = complexityLexicon.get(word);
  if (found === undefined && word.length < longWordLetters) return;
  if (seen.has(word)) return;
  seen.add(word);
  if (found === undefined) {
    signs.domain += longWordDomain;
    return;
  }
  signs.reasoning += found.reasoning;
  signs.domain += found.domain;
  signs.demand += found.demand;
  signs.output += found.output;
}
