import {
  britishEndings,
  britishExceptions,
  contractions,
  contractionTails,
  takesIs,
  variants,
} from './lexicon/spelling';

/** A word as written, on its way to its normal form. */
export interface RawWord {
  /** Lower-cased, in normal spelling. */
  text: string;
  /** As written, to see capitals. */
  written: string;
  startsSentence: boolean;
}

/** Words read of a text at the most: what comes later is not compared. */
export const MAX_WORDS = 2_048;

export const MAX_CHARS = 32_768;
const NON_ASCII = /[^\x00-\x7f]/;
const MARKS = /\p{Mn}/gu;
const INITIALS = /\b(?:\p{L}\.){2,}(?:\p{L}\b)?/gu;
const TOKEN =
  /[\p{L}\p{N}]+(?:(?:['.,:/](?=\p{N})|['](?=\p{L}))[\p{L}\p{N}]+)*(?:[+#]{1,2}(?![\p{L}\p{N}]))?|[$€£%₹.!?\n]/gu;
const SENTENCE_END = new Set(['.', '!', '?', '\n']);
const SYMBOLS = new Map([
  ['$', 'dollar'],
  ['€', 'euro'],
  ['£', 'pound'],
  ['₹', 'rupee'],
  ['%', 'percent'],
]);

function plain(text: string): string {
  const bounded = text.length > MAX_CHARS ? text.slice(0, MAX_CHARS) : text;
  const ascii = NON_ASCII.test(bounded)
    ? bounded
        .replace(/[‘’ʼ`´]/g, "'")
        .normalize('NFKD')
        .replace(MARKS, '')
    : bounded;
  return ascii
    .replace(/^\s*q\s*:/i, '')
    .replace(/`/g, "'")
    .replace(INITIALS, (found) => found.replaceAll('.', ''))
    .replace(/\bn ' t\b|\bn't\b/g, " n't");
}

function american(word: string): string {
  if (word.length < 5 || britishExceptions.has(word)) return word;
  for (const [ending, replacement, least] of britishEndings) {
    if (word.length >= least && word.endsWith(ending)) return word.slice(0, word.length - ending.length) + replacement;
  }
  return word;
}

/** A lower-cased word without its contraction, in American spelling: none, one or several words. */
function expand(word: string, written: string): string {
  if (written === 'US') return 'usa';
  const whole = contractions.get(word) ?? variants.get(word);
  if (whole !== undefined) return whole;
  const mark = word.indexOf("'");
  if (mark < 0) return american(word);
  if (word.endsWith("n't")) return `${word.slice(0, -3)} not`;
  const head = word.slice(0, mark);
  const tail = word.slice(mark + 1);
  if (tail === 's') return takesIs.has(head) ? `${head} is` : (variants.get(head) ?? american(head));
  const full = contractionTails.get(tail);
  if (full !== undefined) return `${head} ${full}`;
  return head + tail;
}

const UNIT =
  /^(\d+(?:[.,]\d+)*)(gb|mb|tb|kb|kg|g|mg|lb|rs|km|cm|mm|ml|v|w|ghz|mhz|hz|am|pm|ah|mah|hr|min|yr|usd|inr|mph|kw|[a-z]{4,})$/;
const PLURAL = /^(\d{2,})s$/;
const PREFIXED = /^(rs|inr|usd|v)\.?(\d[\d.,]*)$/;

/** Splits "64gb" into "64 gb", "rs500" into "500 rupee", makes "500s" "500"; "s7582" and "6s" stay, they are names. */
function splitUnit(word: string): string {
  const unit = UNIT.exec(word);
  if (unit?.[1] && unit[2]) return `${unit[1]} ${variants.get(unit[2]) ?? unit[2]}`;
  const prefixed = PREFIXED.exec(word);
  if (prefixed?.[1] && prefixed[2])
    return prefixed[1] === 'v' ? `version ${prefixed[2]}` : `${prefixed[2]} ${variants.get(prefixed[1]) ?? ''}`;
  return PLURAL.exec(word)?.[1] ?? word;
}

/** The words of a text, lower-cased, in full and in one spelling; numbers as they were written. */
export function tokenize(text: string): RawWord[] {
  const words: RawWord[] = [];
  let startsSentence = true;
  let currency: string | undefined;
  for (const [found] of plain(text).matchAll(TOKEN)) {
    if (words.length >= MAX_WORDS) break;
    if (SENTENCE_END.has(found)) {
      startsSentence = true;
      continue;
    }
    const symbol = SYMBOLS.get(found);
    const lower = symbol ?? found.toLowerCase();
    if (symbol !== undefined && symbol !== 'percent' && !/^[\d.,]+$/.test(words.at(-1)?.text ?? '')) {
      currency = symbol;
      continue;
    }
    const isNumber = lower.charCodeAt(0) >= 48 && lower.charCodeAt(0) <= 57;
    const expanded =
      isNumber || PREFIXED.test(lower) ? splitUnit(lower) : lower === "n't" ? 'not' : expand(lower, found);
    for (const [index, part] of expanded.split(' ').entries()) {
      // the "is" of "What's" has no capital of its own
      if (part !== '') words.push({ text: part, written: index === 0 ? found : part, startsSentence });
      startsSentence = false;
    }
    if (currency !== undefined && isNumber) {
      words.push({ text: currency, written: currency, startsSentence: false });
      currency = undefined;
    }
  }
  return words;
}
