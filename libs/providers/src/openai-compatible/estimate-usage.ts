import { emptyUsage, estimateTokens, type TokenUsage } from '@costlane/domain';

/**
 * Usage of an answer that brought none: a prompt as long as the request's body and an output as long as what was
 * delivered. Both lengths are bytes taken as ASCII characters, which for other alphabets (2 or 3 bytes a character)
 * comes to about the half and three quarters of a token that `estimateTokens` counts for them.
 */
export const estimateUsage = (requestBytes: number, deliveredBytes: number): TokenUsage => ({
  ...emptyUsage,
  freshInputTokens: estimateTokens(requestBytes),
  outputTokens: estimateTokens(deliveredBytes),
});
