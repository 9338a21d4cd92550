import type { StaticModel } from '@costlane/embedding';
import { entityWords } from './lexicon/entities';
import { wordClasses, WordClass } from './lexicon/word-classes';
import { stem } from './stem';
import { dot } from './vectors';

/** What is known of a word wherever it stands. Shared by all texts that have it. */
export interface WordEntry {
  readonly text: string;
  readonly stem: string;
  /** Bits of `WordClass`. */
  readonly classes: number;
  /** By the static model, summed over the word's pieces, not scaled. */
  readonly vector: Float32Array;
  /** Length of `vector`: small for frequent words, as in SIF (Arora et al., 2017). */
  readonly weight: number;
}

export interface WordTable {
  get(word: string): WordEntry;
}

/** Words kept; when there are more the table starts anew, texts keep the entries that they hold. */
const MAX_ENTRIES = 16_384;

function classesOf(word: string, stemmed: string, pieces: number): number {
  let classes =
    (wordClasses.get(word) ?? 0) | ((wordClasses.get(stemmed) ?? 0) & ~WordClass.filler & ~WordClass.negator);
  if (entityWords.has(word) || entityWords.has(stemmed)) classes |= WordClass.entity;
  if (/^\d/.test(word))
    classes |= /^\d+(?:\.\d+)?(?:e\+\d+)?$/.test(word) ? WordClass.number : WordClass.number | WordClass.code;
  else if (/\d/.test(word)) classes |= WordClass.code;
  if (pieces === 1) classes |= WordClass.known;
  return classes;
}

/** Looks up words and remembers them: class, stem, and the vector that the static model gives the word alone. */
export function createWordTable(model: StaticModel): WordTable {
  let entries = new Map<string, WordEntry>();
  const create = (text: string): WordEntry => {
    const ids = model.tokenize(text);
    const vector = new Float32Array(model.dimension);
    for (const id of ids) model.addVector(id, vector);
    const weight = Math.sqrt(dot(vector, vector));
    const stemmed = stem(text);
    return { text, stem: stemmed, classes: classesOf(text, stemmed, ids.length), weight, vector };
  };
  return {
    get: (word) => {
      const known = entries.get(word);
      if (known !== undefined) return known;
      if (entries.size >= MAX_ENTRIES) entries = new Map();
      const entry = create(word);
      entries.set(word, entry);
      return entry;
    },
  };
}
