/** Where the detectors have to look; positions as pairs [start, end, start, end, …]. Undefined: nowhere. */
export interface Candidates {
  /** Runs of digits that single separators may join: phone, card and other numbers. */
  numbers?: number[];
  /** Words of letters and digits. */
  mixedWords?: number[];
  /** Runs of at least 20 letters, digits, `_` and `-`: keys and tokens. */
  longTokens?: number[];
  /** Positions of `:` and `=` behind something that may be the name of a secret. */
  assignments?: number[];
  /** Positions behind `passw`. */
  passwords?: number[];
}

const TOKEN = 1;
const DIGIT = 2;
const ASSIGN = 3;
const LETTER_W = 4;

const MIN_TOKEN_LENGTH = 20;
const MIN_NUMBER_DIGITS = 6;
const MIN_MIXED_DIGITS = 2;
const MAX_GAP = 3;

/** For every UTF-16 code unit, so that no look into it has to be guarded. */
const classes = new Uint8Array(65_536);
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-') classes[c.charCodeAt(0)] = TOKEN;
for (const c of '0123456789') classes[c.charCodeAt(0)] = DIGIT;
for (const c of ':=') classes[c.charCodeAt(0)] = ASSIGN;
for (const c of 'wW') classes[c.charCodeAt(0)] = LETTER_W;

const gaps = new Set([...' -./()\u00a0\u202f\u2010\u2011\u2013'].map((c) => c.charCodeAt(0)));
/** Last letters of `password`, `key`, `secret`, `token`, … in the languages that are known. */
const nameEnds = new Set([...'dytnseoawrDYTNSEOAWR'].map((c) => c.charCodeAt(0)));

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
const isWordCode = (c: number): boolean => isDigit(c) || isLetter(c);

/**
 * One pass over a text that finds where a closer look pays. Most texts have no such place, so this pass is what detection costs: a look
 * into a table for each character, nothing allocated until something is found. Linear in the text's length.
 */
export function scanCandidates(text: string): Candidates {
  const found: Candidates = {};
  const numbers = new NumberRuns(text, found);
  let tokenStart = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = classes[text.charCodeAt(i)];
    if (kind === TOKEN) continue;
    if (kind === DIGIT) i = numbers.take(i) - 1;
    else if (kind === LETTER_W) {
      if (isLetterS(text.charCodeAt(i - 1)) && isLetterS(text.charCodeAt(i - 2))) (found.passwords ??= []).push(i + 1);
    } else {
      if (i - tokenStart >= MIN_TOKEN_LENGTH) (found.longTokens ??= []).push(tokenStart, i);
      tokenStart = i + 1;
      if (kind === ASSIGN && mayFollowName(text, i)) (found.assignments ??= []).push(i);
    }
  }
  if (text.length - tokenStart >= MIN_TOKEN_LENGTH) (found.longTokens ??= []).push(tokenStart, text.length);
  numbers.flush();
  return found;
}

const isLetterS = (code: number): boolean => code === 115 || code === 83;

/** Whether the last letter before an assignment, behind quotes and spaces, can end the name of a secret. */
function mayFollowName(text: string, at: number): boolean {
  let i = at - 1;
  for (let steps = 0; steps < 3 && i >= 0 && !isWordCode(text.charCodeAt(i)); steps++) i--;
  return nameEnds.has(text.charCodeAt(i));
}

/** Joins runs of digits to numbers as they are written in groups, and sets apart the words that they are part of. */
class NumberRuns {
  private start = 0;
  private end = -1;
  private digits = 0;
  private wordEnd = 0;

  constructor(
    private readonly text: string,
    private readonly found: Candidates,
  ) {}

  /** Takes the run of digits that begins at `from`; gives its end. */
  take(from: number): number {
    const { text } = this;
    let to = from + 1;
    while (to < text.length && isDigit(text.charCodeAt(to))) to++;
    if (isLetter(text.charCodeAt(from - 1)) || isLetter(text.charCodeAt(to))) this.takeWord(from, to);
    if (this.end < 0 || !this.isJoined(from)) {
      this.flush();
      this.start = from;
      this.digits = 0;
    }
    this.end = to;
    this.digits += to - from;
    return to;
  }

  flush(): void {
    if (this.digits >= MIN_NUMBER_DIGITS) (this.found.numbers ??= []).push(this.start, this.end);
  }

  private isJoined(from: number): boolean {
    if (from - this.end > MAX_GAP) return false;
    for (let i = this.end; i < from; i++) if (!gaps.has(this.text.charCodeAt(i))) return false;
    return true;
  }

  private takeWord(from: number, to: number): void {
    if (from < this.wordEnd) return;
    const { text } = this;
    let start = from;
    let end = to;
    let digits = to - from;
    while (start > 0 && isWordCode(text.charCodeAt(start - 1))) start--;
    for (; end < text.length && isWordCode(text.charCodeAt(end)); end++) if (isDigit(text.charCodeAt(end))) digits++;
    this.wordEnd = end;
    if (digits >= MIN_MIXED_DIGITS) (this.found.mixedWords ??= []).push(start, end);
  }
}
