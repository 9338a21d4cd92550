import type { TokenUsage } from '../../money/token-usage';
import type { ModelCapabilities } from '../routing-policy';

/** A finished request, as far as another policy would have looked at it. */
export interface PastRequest {
  readonly tenantId: string;
  /** `auto` or empty: the choice was left to the policy. */
  readonly modelAsked: string;
  readonly modelUsed: string;
  readonly usage: TokenUsage;
  readonly paidNanoUsd: number;
  /** What the caller would have paid without us; undefined: not known. */
  readonly baselineNanoUsd?: number;
  /** Part of the price that a batch discount took off; another model is taken to have the same. */
  readonly batchSavingNanoUsd?: number;
  /** It costs the same under every policy: it came from a cache, failed, or asked no chat model. */
  readonly fixedBy?: 'cache' | 'error' | 'kind';
  /** 0-1; undefined: the record does not say, so that nothing can be decided by it. */
  readonly complexity?: number;
  /** Probability that only the stronger model would do. */
  readonly predictedGain?: number;
  readonly taskType?: string;
  /** For rules that look for words; a ledger does not have it. */
  readonly text?: string;
  readonly needs?: readonly (keyof ModelCapabilities)[];
}

/**
 * By how much the tokens of another model may differ from those that were counted, as factors of 1 or more: another tokeniser counts the
 * same prompt otherwise, and another model answers at another length.
 */
export interface TokenSpread {
  readonly prompt: number;
  readonly output: number;
  /** On top, of the answer: where a model that reasons would take the place of one that did not. */
  readonly reasoning: number;
}

/** What a request would have cost, in nano-dollars: as the tokens were counted, and at both ends of what is not known. */
export interface CostRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}
