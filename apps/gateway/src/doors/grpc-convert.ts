import type { CompleteReply, CompleteRequest } from '@costlane/contracts';
import { readInference } from '../dialects/costlane/read-request';
import type { InferenceReply } from '../dialects/costlane/reply-schema';
import type { InferenceInput } from '../dialects/costlane/request-schema';

/** The request of a gRPC call under the rules of the REST contract. Throws `invalid_request` that names the field. */
export const readCompleteRequest = (request: CompleteRequest): InferenceInput => readInference(completeFields(request));

/** The request of a gRPC call in the fields of the REST contract, not checked. */
export function completeFields(request: CompleteRequest): Record<string, unknown> {
  const { metadata, messages } = request;
  return present({
    prompt: request.prompt,
    messages: messages.length > 0 ? messages : undefined,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    priority: request.priority,
    use_cache: request.useCache,
    cache_ttl_seconds: request.cacheTtlSeconds,
    preferred_model: request.preferredModel,
    quality: request.quality,
    task_type: request.taskType,
    idempotency_key: request.idempotencyKey,
    deadline_ms: request.deadlineMs,
    metadata:
      metadata &&
      present({
        user_id: metadata.userId,
        team_id: metadata.teamId,
        tenant_id: metadata.tenantId,
        feature_name: metadata.featureName,
        experiment_id: metadata.experimentId,
      }),
  });
}

/** An empty string in proto3 is a field that was not set. */
export const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));

/** What is null in JSON is the field's default in proto3: unknown costs are an empty string, never "0". */
export function toCompleteReply(reply: InferenceReply): CompleteReply {
  const { usage, savings_usd: savings, cache_info: cache, routing_decision: routing } = reply;
  return {
    requestId: reply.request_id,
    text: reply.text,
    modelUsed: reply.model_used,
    provider: reply.provider,
    usage: usage
      ? {
          promptTokens: usage.prompt_tokens,
          completionTokens: usage.completion_tokens,
          cachedTokens: usage.cached_tokens,
          reasoningTokens: usage.reasoning_tokens,
        }
      : undefined,
    costUsd: usdText(reply.cost_usd),
    savingsUsd: savings
      ? {
          cacheUsd: usdText(savings.cache),
          routingUsd: usdText(savings.routing),
          prefixUsd: usdText(savings.prefix),
          batchingUsd: usdText(savings.batching),
        }
      : undefined,
    cacheInfo: {
      hit: cache.hit,
      tier: cache.tier,
      similarity: cache.similarity ?? 0,
      probability: cache.probability ?? 0,
      ageSeconds: cache.age_seconds ?? 0,
      tokensSaved: cache.tokens_saved,
    },
    routingDecision: {
      strategy: routing.strategy,
      route: routing.route,
      complexity: routing.complexity ?? 0,
      tier: routing.tier,
      reason: routing.reason,
      candidates: routing.candidates,
    },
    latencyMs: reply.latency_ms,
  };
}

/** Nine decimals: `1e-9` would be the number's own text. */
const usdText = (amountUsd: number | null): string => (amountUsd === null ? '' : amountUsd.toFixed(9));
