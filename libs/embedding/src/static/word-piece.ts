import { DROPPED, PUNCTUATION, SPACE, classOf, isChinese } from './classify-character';

/** Splits text into the pieces of a vocabulary. */
export interface WordPiece {
  /** Ids of the pieces, without [CLS] and [SEP]; of a text of more than `maxPieces` pieces the first ones. */
  encode(text: string): Uint16Array;
}

export interface WordPieceOptions {
  /** Pieces of one text at most. */
  maxPieces?: number;
}

/** BERT does not try to spell longer words. */
const longestWordCharacters = 100;
/** Words above this are split anew each time: they are rare, and the memory of words stays small. */
const longestKeptCharacters = 32;
const mostKeptWords = 20_000;
const marks = /\p{Mn}/gu;

/** Cleans, lower-cases and strips accents; Chinese characters get spaces around them. */
function normalize(text: string): string {
  let clean = '';
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const kind = classOf(codePoint);
    if (kind === DROPPED) continue;
    if (kind === SPACE) clean += ' ';
    else clean += isChinese(codePoint) ? ` ${character} ` : character;
  }
  // The original lower-cases character by character, so it knows no word-final sigma.
  return clean
    .normalize('NFD')
    .replace(marks, '')
    .replace(/\u03a3/g, '\u03c3')
    .toLowerCase();
}

/** True when {@link normalize} would do no more than lower-case. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 127 || (unit < 32 && unit !== 10 && unit !== 9 && unit !== 13)) return false;
  }
  return true;
}

/** Pieces that begin a word and those that go on with one (`##ing`), each under its letters. */
function readVocabulary(pieces: readonly string[]): { starts: Map<string, number>; rests: Map<string, number> } {
  const starts = new Map<string, number>();
  const rests = new Map<string, number>();
  pieces.forEach((piece, id) => {
    if (piece.startsWith('##') && piece.length > 2) rests.set(piece.slice(2), id);
    else starts.set(piece, id);
  });
  return { starts, rests };
}

/** FNV-1a of the word's UTF-16 units. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/**
 * BERT's uncased WordPiece tokenizer: the ids are those that the `tokenizers` library gives with the same vocabulary. `pieces` is the
 * vocabulary in the order of its ids. A word that it cannot spell gets, instead of the one id of [UNK], one of the `unknownRows` ids
 * after the pieces' by its hash, so that two such words are seldom the same. Linear in the length of the text.
 * Source: Devlin et al. 2018 (BERT); greedy longest match from the left.
 */
export function createWordPiece(
  pieces: readonly string[],
  unknownRows: number,
  options: WordPieceOptions = {},
): WordPiece {
  const { maxPieces = 8_192 } = options;
  const { starts, rests } = readVocabulary(pieces);
  const unknownId = (word: string): number[] => [pieces.length + (hashWord(word) % unknownRows)];
  let kept = new Map<string, readonly number[]>();
  const ids = new Uint16Array(maxPieces);

  const split = (word: string): readonly number[] => {
    if (word.length > longestWordCharacters && [...word].length > longestWordCharacters) return unknownId(word);
    const found: number[] = [];
    for (let from = 0; from < word.length;) {
      const known = from === 0 ? starts : rests;
      let to = word.length;
      let id = known.get(from === 0 ? word : word.slice(from));
      while (id === undefined && (to -= 1) > from) id = known.get(word.slice(from, to));
      if (id === undefined) return unknownId(word);
      found.push(id);
      from = to;
    }
    return found;
  };

  const lookUp = (word: string): readonly number[] => {
    const known = kept.get(word);
    if (known !== undefined) return known;
    const found = split(word);
    if (word.length > longestKeptCharacters) return found;
    if (kept.size >= mostKeptWords) kept = new Map();
    // A slice keeps the text alive that it was cut from, which may be long; the key must not be one.
    kept.set(Buffer.from(word, 'utf16le').toString('utf16le'), found);
    return found;
  };

  return {
    encode(text) {
      const plain = isPlain(text) ? text.toLowerCase() : normalize(text);
      let count = 0;
      const add = (from: number, to: number) => {
        const found = lookUp(plain.slice(from, to));
        for (let i = 0; i < found.length && count < maxPieces; i += 1) ids[count++] = found[i] ?? 0;
      };
      let start = -1;
      for (let at = 0; at < plain.length && count < maxPieces;) {
        const codePoint = plain.codePointAt(at) ?? 0;
        const units = codePoint > 0xffff ? 2 : 1;
        const kind = classOf(codePoint);
        const isWordOfItsOwn = kind === PUNCTUATION || isChinese(codePoint);
        if (kind === SPACE || isWordOfItsOwn) {
          if (start >= 0) add(start, at);
          start = -1;
          if (isWordOfItsOwn) add(at, at + units);
        } else if (start < 0) start = at;
        at += units;
      }
      if (start >= 0) add(start, plain.length);
      return ids.slice(0, count);
    },
  };
}
