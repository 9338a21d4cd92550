import { emptyUsage, estimateTokens, type TokenUsage } from '@costlane/domain';

/** Usage of a stream that ended without one: the prompt counted from the request, the output from what was delivered. An estimate. */
export function estimateDelivered(requestBodyBytes: number, deliveredCharacters: number): TokenUsage {
  return {
    ...emptyUsage,
    freshInputTokens: estimateTokens(requestBodyBytes),
    outputTokens: estimateTokens(deliveredCharacters),
  };
}
