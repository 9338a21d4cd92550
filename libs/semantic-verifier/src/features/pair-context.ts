import { align, MatchKind, type Alignment, type Side } from './align';
import type { PlacedWord, PreparedFeatures } from './prepare';

/** Words of a side that the other side does not say: without counterpart, or with one that is only alike. */
export interface Leftover {
  readonly words: readonly PlacedWord[];
  readonly places: readonly number[];
}

/** Two texts and what all groups of features look at. */
export interface PairContext {
  readonly a: PreparedFeatures;
  readonly b: PreparedFeatures;
  readonly alignment: Alignment;
  readonly leftA: Leftover;
  readonly leftB: Leftover;
  /** Cosine by a contextual embedder, NaN without. */
  readonly denseCosine: number;
}

/** A group of features: `fill` writes `names.length` values from `offset` on; NaN where there is none. */
export interface FeatureGroup {
  readonly names: readonly string[];
  fill(context: PairContext, into: Float32Array, offset: number): void;
}

/** Writes values one after the other. */
export function writeAll(values: readonly number[], into: Float32Array, offset: number): void {
  for (let index = 0; index < values.length; index++) into[offset + index] = values[index] ?? Number.NaN;
}

function leftoverOf(side: Side): Leftover {
  const words: PlacedWord[] = [];
  const places: number[] = [];
  for (let index = 0; index < side.words.length; index++) {
    const word = side.words[index];
    const kind = side.kind[index];
    if (word === undefined || (kind !== MatchKind.none && kind !== MatchKind.similar)) continue;
    words.push(word);
    places.push(index);
  }
  return { words, places };
}

export function createContext(a: PreparedFeatures, b: PreparedFeatures, denseCosine: number | undefined): PairContext {
  const alignment = align(a, b);
  return {
    a,
    b,
    alignment,
    leftA: leftoverOf(alignment.a),
    leftB: leftoverOf(alignment.b),
    denseCosine: denseCosine ?? Number.NaN,
  };
}
