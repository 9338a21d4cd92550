import type { Priority } from '@costlane/contracts';
import { RetryBudget } from '@costlane/resilience';
import type { ProviderRequest } from '../provider';
import type { HedgeConfig } from '../provider-config';
import type { ModelState } from './model-state';

const DEFAULT_MAX_SHARE = 0.02;
const QUANTILE = 0.95;
const MIN_SAMPLES = 50;
/** Nobody notices less, and every provider has a hiccup of so long now and then. */
const MIN_DELAY_MS = 200;
/** Hedges that can be saved up by quiet times. */
const MAX_SAVED = 10;

/**
 * When a request is asked a second time although the first attempt still runs (Dean and Barroso 2013, "The tail at scale"): after the 95th
 * percentile of the model's recent times to the first token, for a share of the requests at the most. Streams only, for of other answers
 * nothing can be told before they are whole; and never batch work, which has time.
 */
export class Hedging {
  private readonly budget: RetryBudget;
  private readonly priorities: ReadonlySet<Priority>;

  constructor({ maxShare = DEFAULT_MAX_SHARE, priorities = ['express'] }: HedgeConfig = {}) {
    this.budget = new RetryBudget({ ratio: maxShare, reserve: 0, maxSaved: maxShare > 0 ? MAX_SAVED : 0 });
    this.priorities = new Set(priorities.filter((priority) => priority !== 'batch'));
  }

  /** Counts a request of whatever kind. */
  earn(): void {
    this.budget.earn();
  }

  /** How long the first attempt has before a second one starts; undefined for requests that get none. */
  delayMs({ stream, priority = 'standard', deadlineAtMs }: ProviderRequest, state: ModelState, nowMs: number) {
    if (!stream || !this.priorities.has(priority) || state.firstToken.count < MIN_SAMPLES) return undefined;
    const delayMs = Math.max(MIN_DELAY_MS, state.firstToken.quantileMs(QUANTILE) ?? MIN_DELAY_MS);
    // With no more than the usual time left the second attempt would come to nothing.
    const usualMs = state.firstToken.quantileMs(0.5) ?? 0;
    return nowMs + delayMs + usualMs < deadlineAtMs ? delayMs : undefined;
  }

  /** Takes leave for one; false when their share is used up. */
  trySpend(): boolean {
    return this.budget.trySpend();
  }
}
