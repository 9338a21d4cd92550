import { createFeatureBuffers, writeFormFeatures } from '../features/form-features';
import { formFeatureNames } from '../features/form-feature-names';
import { createTokens, scanTokens } from '../features/scan-tokens';
import { createTreeScorer } from './extra-trees';
import { scoreForm } from './form-line';
import { createPairScorer } from './pair-table';
import type { ScoringParts } from './router-weights';

/**
 * Shares of the parts in a score, for prompts with options and for those without. Pairs of words tell the subject of an examination question; of
 * open prompts there were too few to learn words from, and their form says more.
 */
export const shares = { optioned: { pairs: 0.5, trees: 0.5 }, open: { form: 0.4, trees: 0.6 } } as const;

/** Expected difference of success, strong minus weak: for ranking. */
export function createScorer(parts: ScoringParts): (text: string) => number {
  const tokens = createTokens();
  const buffers = createFeatureBuffers();
  const features = new Float32Array(formFeatureNames.length);
  const scorePairs = createPairScorer(parts.pairs);
  const scoreTrees = createTreeScorer(parts.trees);
  return (text) => {
    scanTokens(text, tokens);
    writeFormFeatures(text, tokens, buffers, features);
    const byTrees = scoreTrees(features);
    if (features[0] === 1) return shares.optioned.pairs * scorePairs(tokens) + shares.optioned.trees * byTrees;
    return shares.open.form * scoreForm(parts.open, features) + shares.open.trees * byTrees;
  };
}
