import { servedKey, SERVED_LIFETIME_SECONDS, type ServedRecord } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import { LRUCache } from 'lru-cache';
import type { InferenceRequest } from './inference-request';
import type { SemanticHit } from './semantic-lookup';

/** What the semantic cache has lately said of a wording, so that a popular one is not looked up again and again. */
export interface KnownLikeness {
  /** Undefined: nothing is known, or this request does not take it. */
  find(request: InferenceRequest): SemanticHit | undefined;
  remember(request: InferenceRequest, hit: SemanticHit): void;
  /** A request was given it: feedback on that request finds it. */
  given(request: InferenceRequest, hit: SemanticHit): void;
}

type Known = Pick<InferenceRequest, 'caller' | 'fingerprint'>;

/**
 * Findings in the gateway's own memory. Only that two wordings are alike is kept, not the answer: that has to be in the memory tier still, so
 * an invalidation of the answer ends this as well. It is not audited again: audits are drawn from what the cache service is asked.
 */
export function createKnownLikeness(options: {
  redis: Pick<Redis, 'set'>;
  maxEntries: number;
  ttlMs: number;
}): KnownLikeness {
  const { redis, maxEntries: max, ttlMs: ttl } = options;
  const findings = new LRUCache<string, SemanticHit>({ max, ttl, ttlResolution: 1_000 });
  const keyOf = ({ caller, fingerprint }: Known): string => `${fingerprint}/${caller.tenantId}`;
  return {
    find(request) {
      if (!request.useSemanticCache || findings.size === 0) return undefined;
      const hit = findings.get(keyOf(request));
      return hit && hit.similarity >= (request.minSimilarity ?? 0) ? hit : undefined;
    },
    remember: (request, hit) => void findings.set(keyOf(request), { ...hit, isAudited: false }),
    given({ caller, requestId }, { fingerprint, similarity, probability }) {
      const record: ServedRecord = { fingerprint, similarity, probability };
      redis
        .set(servedKey(caller.tenantId, requestId), JSON.stringify(record), 'EX', SERVED_LIFETIME_SECONDS)
        .catch(() => undefined);
    },
  };
}
