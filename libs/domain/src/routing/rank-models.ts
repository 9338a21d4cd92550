import { expectedCostNanoUsd } from './expected-cost';
import type { ModelTier } from './model-tier';
import type { RouteContent, RouteFeatures } from './route-content';
import type { PolicyModel } from './routing-policy';
import type { RoutingStrategy } from './routing-settings';

/** A model with what a request is expected to cost and to take with it. */
export interface RankedModel {
  readonly model: PolicyModel;
  readonly costNanoUsd: number;
  readonly latencyMs: number;
  score: number;
}

/** Where nothing has been measured yet: first token in ms and tokens a second, as models of the tier usually are. */
const usualSpeed: Readonly<Record<ModelTier, { firstTokenMs: number; tokensPerSecond: number }>> = {
  economy: { firstTokenMs: 400, tokensPerSecond: 120 },
  standard: { firstTokenMs: 600, tokensPerSecond: 80 },
  premium: { firstTokenMs: 1_000, tokensPerSecond: 50 },
};

/** Models in the order of a strategy, best first. Only those with a price come here. */
export function rankModels(
  models: readonly PolicyModel[],
  { promptTokens, expectedOutputTokens }: Pick<RouteContent, 'promptTokens' | 'expectedOutputTokens'>,
  strategy: RoutingStrategy,
  costWeight: number,
  warmTokens: RouteFeatures['warmTokens'],
): RankedModel[] {
  const ranked: RankedModel[] = [];
  let maxCost = 0;
  let maxLatency = 0;
  for (const model of models) {
    if (!model.price) continue;
    const costNanoUsd = expectedCostNanoUsd(model.price, promptTokens, expectedOutputTokens, warmTokens?.(model));
    const latencyMs = expectedLatencyMs(model, expectedOutputTokens);
    if (costNanoUsd > maxCost) maxCost = costNanoUsd;
    if (latencyMs > maxLatency) maxLatency = latencyMs;
    ranked.push({ model, costNanoUsd, latencyMs, score: 0 });
  }
  const weight = strategy === 'cost_optimal' ? 1 : strategy === 'latency_optimal' ? 0 : costWeight;
  for (const entry of ranked) {
    const cost = maxCost > 0 ? entry.costNanoUsd / maxCost : 0;
    const latency = maxLatency > 0 ? entry.latencyMs / maxLatency : 0;
    entry.score = weight * cost + (1 - weight) * latency;
  }
  return ranked.sort(byScore);
}

function byScore(a: RankedModel, b: RankedModel): number {
  if (a.score !== b.score) return a.score - b.score;
  const quality = (b.model.quality ?? 0) - (a.model.quality ?? 0);
  if (quality !== 0) return quality;
  return a.model.name < b.model.name ? -1 : 1;
}

function expectedLatencyMs({ speed, tier }: PolicyModel, outputTokens: number): number {
  const usual = usualSpeed[tier];
  const firstTokenMs = speed?.firstTokenMs ?? usual.firstTokenMs;
  const tokensPerSecond = speed && speed.tokensPerSecond > 0 ? speed.tokensPerSecond : usual.tokensPerSecond;
  return firstTokenMs + (outputTokens / tokensPerSecond) * 1_000;
}
