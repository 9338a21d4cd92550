export type { PairVerdict, PairVerifier, PreparedText, VetoReason } from './pair-verifier';
