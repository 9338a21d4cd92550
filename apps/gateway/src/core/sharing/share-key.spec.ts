import { sampleRequest } from '../../testing/sample-request';
import { shareKeyOf } from './share-key';

const keyOf = (request: Parameters<typeof sampleRequest>[0] = {}) => shareKeyOf(sampleRequest(request));

describe('what two requests must have in common to share a call', () => {
  it('is all that they ask, not who asks or for how long', () => {
    expect(keyOf({ requestId: 'req_2', deadlineAtMs: 5, priority: 'batch', cacheTag: 't' })).toBe(keyOf());
  });

  it('is the form of the answer, and which answers to like questions they take', () => {
    const keys = [
      keyOf(),
      keyOf({ fingerprint: 'f01' }),
      keyOf({ stream: true }),
      keyOf({ useSemanticCache: false }),
      keyOf({ minSimilarity: 0.95 }),
      keyOf({ minSimilarity: 0.99 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the idempotency key of the same tenant where there is one', () => {
    const idempotency = { keyHash: 'k', bodyHash: 'b' };
    expect(keyOf({ idempotency })).toBe(keyOf({ idempotency, useCache: false, fingerprint: 'f01' }));
    const caller = { tenantId: 'other', role: 'member', rateLimitPerMinute: 0 } as const;
    expect(keyOf({ idempotency, caller })).not.toBe(keyOf({ idempotency }));
  });

  it('is nothing for a request that opted out', () => {
    expect(keyOf({ useCache: false })).toBeUndefined();
  });
});
