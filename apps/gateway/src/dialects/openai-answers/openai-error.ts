import type { CostlaneError } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';

/**
 * An error as OpenAI's clients read it. A request that the provider turned down is told in the provider's own words: clients react to its
 * codes.
 */
export function openAiAnswer(error: CostlaneError, upstream: unknown) {
  const known = toOpenAiError(error);
  return { status: known.status, headers: known.headers, body: isErrorObject(upstream) ? upstream : known.body };
}

const isErrorObject = (value: unknown): value is { error: object } =>
  typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'object';
