import type { InferenceRequest } from '../inference-request';

type Shareable = Pick<InferenceRequest, 'stream' | 'useSemanticCache' | 'minSimilarity'>;

/**
 * What must be equal, besides the fingerprint, for two requests to share a call: streamed or whole, and what each of them takes for an
 * answer to a like question, for the call may end with one.
 */
export function shareForm({ stream, useSemanticCache, minSimilarity }: Shareable): string {
  const form = stream ? 's' : 'w';
  if (!useSemanticCache) return `${form}x`;
  return minSimilarity === undefined ? form : `${form}${minSimilarity}`;
}

/** Requests with an idempotency key share by that key; others by what they ask, unless they opted out of sharing answers. */
export function shareKeyOf(request: InferenceRequest): string | undefined {
  const { idempotency, caller, fingerprint } = request;
  const form = shareForm(request);
  if (idempotency) return `${form}:idempotency:${caller.tenantId}:${idempotency.keyHash}:${idempotency.bodyHash}`;
  return request.useCache ? `${form}:${fingerprint}` : undefined;
}
