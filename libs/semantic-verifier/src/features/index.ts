import type { StaticModel } from '@costlane/embedding';
import type { VetoReason } from '../pair-verifier';
import { coverageFeatures } from './coverage-features';
import { createDifferenceFeatures } from './difference-features';
import { logicFeatures } from './logic-features';
import { createMeaningFeatures } from './meaning-features';
import { orderFeatures } from './order-features';
import { createContext, type FeatureGroup, type PairContext } from './pair-context';
import { prepareText, type PreparedFeatures } from './prepare';
import { questionFeatures } from './question-features';
import { coreFeatures } from './core-features';
import { rotationFeatures } from './rotation-features';
import { sharedFeatures } from './shared-features';
import { surfaceFeatures } from './surface-features';
import { vetoOf } from './veto';
import { createWordTable } from './word-table';

export type { PreparedFeatures } from './prepare';

export interface FeatureExtractor {
  /** Names of the values that `extract` writes, in order. */
  readonly names: readonly string[];
  /** Everything that can be worked out about one text alone. */
  prepare(text: string): PreparedFeatures;
  /**
   * Writes one value a name into `into`, NaN where there is none. `denseCosine` is the cosine by a contextual embedder. Which text
   * comes first makes no difference.
   */
  extract(a: PreparedFeatures, b: PreparedFeatures, denseCosine: number | undefined, into: Float32Array): void;
  /** Why the pair cannot be the same question whatever a model says; undefined when nothing is against it. */
  veto(a: PreparedFeatures, b: PreparedFeatures): VetoReason | undefined;
}

/** Compares two texts by words, order, logic and static vectors. Synchronous; keeps a bounded table of words. */
export function createFeatureExtractor(model: StaticModel): FeatureExtractor {
  const table = createWordTable(model);
  const groups: readonly FeatureGroup[] = [
    surfaceFeatures,
    coverageFeatures,
    orderFeatures,
    coreFeatures,
    rotationFeatures,
    createDifferenceFeatures(),
    createMeaningFeatures(model.dimension),
    logicFeatures,
    sharedFeatures,
    questionFeatures,
  ];
  // extract and veto are called one after the other with the same pair: the second finds the alignment of the first
  let last: PairContext | undefined;
  const contextOf = (a: PreparedFeatures, b: PreparedFeatures, denseCosine: number | undefined): PairContext => {
    const dense = denseCosine ?? Number.NaN;
    if (last !== undefined && last.a === a && last.b === b) last = { ...last, denseCosine: dense };
    else last = createContext(a, b, denseCosine);
    return last;
  };
  return {
    names: groups.flatMap((group) => group.names),
    prepare: (text) => prepareText(text, model, table),
    extract: (a, b, denseCosine, into) => {
      const context = contextOf(a, b, denseCosine);
      let offset = 0;
      for (const group of groups) {
        group.fill(context, into, offset);
        offset += group.names.length;
      }
    },
    veto: (a, b) => vetoOf(contextOf(a, b, undefined)),
  };
}
