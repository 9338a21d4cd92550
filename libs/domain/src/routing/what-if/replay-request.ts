import { costOfUsage } from '../../money/cost-of-usage';
import type { ModelPrice } from '../../money/model-price';
import { promptTokensOf, withoutProviderCache, type TokenUsage } from '../../money/token-usage';
import { autoModel, chooseModel } from '../choose-model';
import type { ModelTier } from '../model-tier';
import type { RouteContent } from '../route-content';
import type { PolicyModel, RoutingPolicy } from '../routing-policy';
import type { CostRange, PastRequest, TokenSpread } from './past-request';

export type ReplayOutcome =
  /** Another model would have answered. */
  | 'changed'
  | 'same'
  /** Costs the same under every policy. */
  | 'fixed'
  /** The record says too little to decide by. */
  | 'unjudged'
  /** The policy has no model for it, or may not use one. */
  | 'refused'
  /** The model that it would choose has no known price. */
  | 'unpriced';

export interface ReplayedRequest {
  readonly outcome: ReplayOutcome;
  /** The model after the replay; that of the record where nothing changed. */
  readonly model: string;
  /** Undefined: the policy does not know the model. */
  readonly fromTier?: ModelTier;
  readonly toTier?: ModelTier;
  readonly cost: CostRange;
  /** Expected change in the chance of a right answer, -1 to 1; undefined: nothing is predicted of this change. */
  readonly qualityChange?: number;
}

/** What a policy would have made of a request. Pure. Where nothing can be said the request stays as it was, and the outcome tells. */
export function replayRequest(policy: RoutingPolicy, request: PastRequest, spread: TokenSpread): ReplayedRequest {
  const from = policy.models.get(request.modelUsed);
  const stay = (outcome: ReplayOutcome): ReplayedRequest => ({
    outcome,
    model: request.modelUsed,
    fromTier: from?.tier,
    toTier: from?.tier,
    cost: { low: request.paidNanoUsd, likely: request.paidNanoUsd, high: request.paidNanoUsd },
    qualityChange: outcome === 'same' || outcome === 'fixed' ? 0 : undefined,
  });
  if (request.fixedBy !== undefined) return stay('fixed');
  const { isUnnamedRouted } = policy.settings;
  const isOpen = request.modelAsked === autoModel || (request.modelAsked === '' && isUnnamedRouted);
  if (isOpen && request.complexity === undefined) return stay('unjudged');
  const { modelAsked, tenantId } = request;
  const content = request.complexity === undefined ? undefined : contentOf(request, request.complexity);
  const decision = chooseModel(policy, { modelAsked, tenantId, content: content && (() => content) });
  if (!decision.ok) return stay('refused');
  const { model } = decision.value;
  if (isSameModel(model, request.modelUsed)) return stay('same');
  if (!model.price) return stay('unpriced');
  return {
    outcome: 'changed',
    model: model.name,
    fromTier: from?.tier,
    toTier: model.tier,
    cost: costRange(request, model.price, reasonsAnew(model, request) ? spread : { ...spread, reasoning: 1 }),
    qualityChange: qualityChangeOf(request.predictedGain, from?.tier, model.tier),
  };
}

const isSameModel = (model: PolicyModel, used: string): boolean => model.name === used || model.upstreamModel === used;

const reasonsAnew = ({ capabilities }: PolicyModel, { usage }: PastRequest): boolean =>
  capabilities?.reasoning === true && usage.reasoningTokens === 0;

function contentOf(request: PastRequest, complexity: number): RouteContent {
  return {
    text: request.text ?? '',
    complexity,
    factors: {},
    predictedGain: request.predictedGain,
    taskType: request.taskType,
    promptTokens: promptTokensOf(request.usage),
    expectedOutputTokens: request.usage.outputTokens + request.usage.reasoningTokens,
    needs: request.needs ?? [],
  };
}

/**
 * Likely: the tokens as they were counted. Low: fewer by the spread, and no reasoning. High: more by the spread, reasoning on top where the
 * model would begin to, and nothing read from the provider's cache, which may be cold for another model.
 */
function costRange(request: PastRequest, price: ModelPrice, spread: TokenSpread): CostRange {
  const { usage, paidNanoUsd, batchSavingNanoUsd = 0 } = request;
  const unbatched = paidNanoUsd + batchSavingNanoUsd;
  const discount = batchSavingNanoUsd > 0 && unbatched > 0 ? paidNanoUsd / unbatched : 1;
  const costOf = (tokens: TokenUsage): number => Math.round(costOfUsage(tokens, price).totalNanoUsd * discount);
  const { modality: _modality, region: _region, ...text } = usage;
  const fewer = scaled({ ...text, reasoningTokens: 0 }, 1 / spread.prompt, 1 / spread.output);
  const costs = [
    costOf(text),
    costOf(fewer),
    costOf(scaled(withoutProviderCache(text), spread.prompt, spread.output * spread.reasoning)),
  ] as const;
  // A cache write may cost more than a fresh token, so that the order is not given by what they are called.
  return { low: Math.min(...costs), likely: costs[0], high: Math.max(...costs) };
}

function scaled(usage: TokenUsage, prompt: number, output: number): TokenUsage {
  const times = (tokens: number, factor: number): number => Math.round(tokens * factor);
  return {
    freshInputTokens: times(usage.freshInputTokens, prompt),
    cacheReadTokens: times(usage.cacheReadTokens, prompt),
    cacheWriteShortTokens: times(usage.cacheWriteShortTokens, prompt),
    cacheWriteLongTokens: times(usage.cacheWriteLongTokens, prompt),
    outputTokens: times(usage.outputTokens, output),
    reasoningTokens: times(usage.reasoningTokens, output),
  };
}

/** The prediction compares a cheap model with a strong one: it speaks of changes from and to the economy tier only. */
function qualityChangeOf(gain: number | undefined, from?: ModelTier, to?: ModelTier): number | undefined {
  if (gain === undefined || from === undefined || to === undefined || from === to) return undefined;
  if (from !== 'economy' && to !== 'economy') return undefined;
  return from === 'economy' ? gain : -gain;
}
