import { unpaidSavings } from '@costlane/contracts';
import { formatUsd, nanoUsd, usageTotals, type RouteDecision, type TokenUsage } from '@costlane/domain';
import type { AnswerEnd } from '../../core/answer';
import type { InferenceReply } from './reply-schema';

export interface ReplyFacts {
  requestId: string;
  text: string;
  end: AnswerEnd;
  decision: RouteDecision;
  latencyMs: number;
}

/** A complete answer in the fields of our own doors. */
export function renderReply({ requestId, text, end, decision, latencyMs }: ReplyFacts): InferenceReply {
  const { header, tier } = end;
  const isPriced = header.priceVersion !== undefined || header.usage === undefined;
  const isHit = tier !== 'miss';
  return {
    request_id: requestId,
    text,
    model_used: header.modelUsed,
    provider: header.provider,
    usage: header.usage ? { ...countsOf(header.usage), source: header.usageSource ?? 'provider' } : null,
    cost_usd: isPriced ? usd(end.paidNanoUsd) : null,
    savings_usd: isPriced ? savingsOf(end) : null,
    cache_info: {
      hit: isHit,
      tier,
      similarity: end.likeness?.similarity ?? null,
      probability: end.likeness?.probability ?? null,
      age_seconds: isHit ? end.ageSeconds : null,
      tokens_saved: isHit && header.usage ? usageTotals(header.usage).totalTokens : 0,
    },
    routing_decision: {
      strategy: decision.strategy,
      route: `${decision.model.provider}/${decision.model.upstreamModel}`,
      complexity: decision.content?.complexity ?? null,
      tier: decision.tier,
      reason: decision.reason,
      candidates: decision.candidates.map(({ model }) => model),
    },
    latency_ms: Math.round(latencyMs * 10) / 10,
  };
}

function countsOf(usage: TokenUsage) {
  const totals = usageTotals(usage);
  return {
    prompt_tokens: totals.promptTokens,
    completion_tokens: totals.completionTokens,
    total_tokens: totals.totalTokens,
    cached_tokens: usage.cacheReadTokens,
    reasoning_tokens: usage.reasoningTokens,
  };
}

/** Who was not asked for saved the whole baseline, whatever the first answer's own savings were. */
function savingsOf({ header, tier }: AnswerEnd) {
  const { cache, routing, prefix, batching } = tier === 'miss' ? header.savings : unpaidSavings(header);
  return { cache: usd(cache), routing: usd(routing), prefix: usd(prefix), batching: usd(batching) };
}

/** JSON has one kind of number; the nearest one to a nano-dollar amount prints as exactly that amount up to a million dollars. */
const usd = (amountNanoUsd: number): number => Number(formatUsd(nanoUsd(amountNanoUsd)));
