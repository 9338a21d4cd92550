import {
  LookUpReply,
  LookUpRequest,
  type CacheServiceServer,
  type FeedbackReply,
  type FeedbackRequest,
  type SemanticReply,
  type SetFalseHitLimitReply,
  type SetFalseHitLimitRequest,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createMuxHandler, grpcError, type Logger } from '@costlane/platform';
import type { ResponseStore } from '@costlane/response-store';
import type { Semantic } from './create-semantic';
import { giveOnKey } from './feedback.service';

/** The range of what an operator can accept: below, no amount of audits shows that it holds. */
const MIN_LIMIT = 0.0001;
const MAX_LIMIT = 0.5;

type Methods = Pick<CacheServiceServer, 'mux' | 'lookUp' | 'feedback' | 'semantic' | 'setFalseHitLimit' | 'pairs'>;

/**
 * gRPC edge of the semantic tier. Without one (it is switched off) each call is refused, which gateways take for a miss, but for feedback
 * that names a key of the exact tier.
 */
export function createSemanticController(
  semantic: Semantic | undefined,
  store: Pick<ResponseStore, 'invalidate'>,
  logger: Logger,
): Methods {
  const present = (): Semantic => {
    if (!semantic)
      throw new CostlaneError('unavailable', 'The semantic cache is switched off (CACHE_SEMANTIC_ENABLED).');
    return semantic;
  };
  const lookUp = async (body: Buffer): Promise<Buffer> => {
    const reply = LookUpReply.encode(await present().lookUps.lookUp(LookUpRequest.decode(body))).finish();
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  };
  const feedback = (request: FeedbackRequest): Promise<FeedbackReply> =>
    !semantic && request.what?.$case === 'key'
      ? giveOnKey(store, request, request.what.value)
      : present().feedback.give(request);
  return {
    mux: createMuxHandler({ logger, methods: { LookUp: lookUp } }),
    lookUp: (call, callback) => answer(() => present().lookUps.lookUp(call.request), callback),
    feedback: (call, callback) => answer(() => feedback(call.request), callback),
    semantic: (_call, callback) => answer(() => Promise.resolve(describe(present())), callback),
    setFalseHitLimit: (call, callback) => answer(() => setLimit(present(), call.request), callback),
    pairs: (call, callback) => answer(() => present().pairs(named(call.request.tenantId)), callback),
  };
}

async function setLimit(
  semantic: Semantic,
  { tenantId, limit }: SetFalseHitLimitRequest,
): Promise<SetFalseHitLimitReply> {
  if (limit !== 0 && !(limit >= MIN_LIMIT && limit <= MAX_LIMIT)) {
    const message = `limit has to be a share from ${MIN_LIMIT} to ${MAX_LIMIT}, or 0 for the deployment's.`;
    throw new CostlaneError('invalid_request', message, { field: 'max_false_hit_rate' });
  }
  return { limit: await semantic.setLimit(named(tenantId), limit === 0 ? null : limit) };
}

function named(tenantId: string): string {
  if (tenantId !== '') return tenantId;
  throw new CostlaneError('invalid_request', 'tenant_id has to name a tenant.', { field: 'tenant_id' });
}

function answer<T>(
  work: () => Promise<T>,
  callback: (error: ReturnType<typeof grpcError> | null, reply?: T) => void,
): void {
  Promise.resolve()
    .then(work)
    .then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(grpcError(error)),
    );
}

function describe({ guard, neighbourhood, metrics, embedderId, lookUps }: Semantic): SemanticReply {
  const { embeddings, index } = lookUps.parts();
  return {
    embedder: embedderId,
    index: neighbourhood.kind,
    areEmbeddingsUp: embeddings,
    isIndexUp: index,
    entries: neighbourhood.entries(),
    tenants: guard.statuses().map(({ tenantId, limit, status }) => {
      const { lookups, hits } = metrics.tenantCounts(tenantId);
      return {
        tenantId,
        state: status.state,
        limit,
        threshold: status.threshold,
        lookups,
        hits,
        audits: status.audits,
        wrong: status.wrong,
        observedRate: status.observedRate,
        upperRate: status.interval.high,
        entries: neighbourhood.entries(tenantId),
      };
    }),
  };
}
