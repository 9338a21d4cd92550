import {
  CacheServiceClient,
  type ApiKey,
  type CacheStatsReply,
  type CacheStatsRequest,
  type CreateKeyReply,
  type CreateKeyRequest,
  type FeedbackReply,
  type FeedbackRequest,
  type InvalidateReply,
  type InvalidateRequest,
  type KeyServiceClient,
  type ListKeysReply,
  type ListKeysRequest,
  type PairsReply,
  type PairsRequest,
  type RevokeKeyReply,
  type RevokeKeyRequest,
  type SemanticReply,
  type SemanticRequest,
  type SetFalseHitLimitReply,
  type SetFalseHitLimitRequest,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { fromGrpcError } from '@costlane/platform';
import { credentials, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';

/** What administration asks of other services; each rejects with a {@link CostlaneError}. */
export interface AdminServices {
  createKey(request: CreateKeyRequest): Promise<ApiKey>;
  listKeys(tenantId: string): Promise<ApiKey[]>;
  revokeKey(id: string): Promise<RevokeKeyReply>;
  /** Gives how many entries went. */
  invalidate(request: InvalidateRequest): Promise<number>;
  /** What the cache service has done since its start. */
  cacheStats(): Promise<CacheStatsReply>;
  /** How the semantic tier does; undefined where it is switched off. */
  semantic(): Promise<SemanticReply | undefined>;
  /** 0: the deployment's. Gives the limit in effect. */
  setFalseHitLimit(tenantId: string, limit: number): Promise<number>;
  pairs(tenantId: string): Promise<PairsReply>;
  feedback(request: FeedbackRequest): Promise<FeedbackReply>;
}

const TIMEOUT_MS = 5_000;
const LEDGER = 'cost-attribution';

type Call<Q, A> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, reply: A) => void,
) => unknown;

/** The services behind administration over plain gRPC calls: they are rare. */
export function createAdminServices(options: {
  keys: KeyServiceClient;
  cacheAddress: string;
}): AdminServices & { close(): void } {
  const { keys } = options;
  const cache = new CacheServiceClient(options.cacheAddress, credentials.createInsecure());
  return {
    async createKey(request) {
      const { key } = await ask<CreateKeyRequest, CreateKeyReply>(
        (...args) => keys.createKey(...args),
        request,
        LEDGER,
      );
      if (!key) throw new CostlaneError('internal', 'The key was not kept; try again.');
      return key;
    },
    async listKeys(tenantId) {
      const request = { tenantId };
      return (await ask<ListKeysRequest, ListKeysReply>((...args) => keys.listKeys(...args), request, LEDGER)).keys;
    },
    revokeKey: (id) => ask<RevokeKeyRequest, RevokeKeyReply>((...args) => keys.revokeKey(...args), { id }, LEDGER),
    async invalidate(request) {
      const call: Call<InvalidateRequest, InvalidateReply> = (...args) => cache.invalidate(...args);
      return (await ask(call, request, 'cache')).removedEntries;
    },
    cacheStats() {
      const call: Call<CacheStatsRequest, CacheStatsReply> = (...args) => cache.stats(...args);
      return ask(call, {}, 'cache');
    },
    async semantic() {
      const call: Call<SemanticRequest, SemanticReply> = (...args) => cache.semantic(...args);
      try {
        return await ask(call, {}, 'cache');
      } catch (error) {
        if (isSwitchedOff(error)) return undefined;
        throw error;
      }
    },
    async setFalseHitLimit(tenantId, limit) {
      const call: Call<SetFalseHitLimitRequest, SetFalseHitLimitReply> = (...args) => cache.setFalseHitLimit(...args);
      return (await ask(call, { tenantId, limit }, 'cache')).limit;
    },
    pairs(tenantId) {
      const call: Call<PairsRequest, PairsReply> = (...args) => cache.pairs(...args);
      return ask(call, { tenantId }, 'cache');
    },
    feedback(request) {
      const call: Call<FeedbackRequest, FeedbackReply> = (...args) => cache.feedback(...args);
      return ask(call, request, 'cache');
    },
    close: () => cache.close(),
  };
}

/** The cache service's own word, which it gives with a code; one that cannot be reached has none. */
const isSwitchedOff = (error: unknown): boolean =>
  error instanceof CostlaneError && error.code === 'unavailable' && error.message.includes('CACHE_SEMANTIC_ENABLED');

function ask<Q, A>(call: Call<Q, A>, request: Q, service: string): Promise<A> {
  return new Promise((resolve, reject) => {
    call(request, new Metadata(), { deadline: Date.now() + TIMEOUT_MS }, (error, reply) => {
      if (error) reject(toClientError(error, service));
      else resolve(reply);
    });
  });
}

/** What the service said itself goes on; that it could not be reached is told in our words, without addresses. */
function toClientError(error: ServiceError, service: string): CostlaneError {
  if (error.metadata?.get('x-error-code').length > 0) return fromGrpcError(error);
  const message = `The ${service} service cannot be reached at the moment; try again.`;
  return new CostlaneError('unavailable', message, { retryAfterMs: 1_000, cause: error });
}
