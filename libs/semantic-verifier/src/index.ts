export { createPairVerifier, type PairVerifierDeps } from './create-pair-verifier';
export { differsInFigures } from './differs-in-figures';
export { defaultWeightsFiles, loadVerifierWeights } from './load-verifier-weights';
export {
  createFalseHitController,
  type FalseHitController,
  type FalseHitControllerOptions,
  type FalseHitState,
  type FalseHitStatus,
} from './model/false-hit-controller';
export type { VerifierWeights } from './model/verifier-weights';
export { plainlySameProbability } from './plain-form';
export type { PairVerdict, PairVerifier, PreparedText, VetoReason } from './pair-verifier';
