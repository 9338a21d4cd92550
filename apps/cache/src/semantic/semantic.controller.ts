import { LookUpReply, LookUpRequest, type CacheServiceServer, type SemanticReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createMuxHandler, grpcError, type Logger } from '@costlane/platform';
import type { Semantic } from './create-semantic';

type Methods = Pick<CacheServiceServer, 'mux' | 'lookUp' | 'feedback' | 'semantic'>;

/** gRPC edge of the semantic tier. Without one (it is switched off) each call is refused, which gateways take for a miss. */
export function createSemanticController(semantic: Semantic | undefined, logger: Logger): Methods {
  const present = (): Semantic => {
    if (!semantic)
      throw new CostlaneError('unavailable', 'The semantic cache is switched off (CACHE_SEMANTIC_ENABLED).');
    return semantic;
  };
  const lookUp = async (body: Buffer): Promise<Buffer> => {
    const reply = LookUpReply.encode(await present().lookUps.lookUp(LookUpRequest.decode(body))).finish();
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  };
  return {
    mux: createMuxHandler({ logger, methods: { LookUp: lookUp } }),
    lookUp: (call, callback) => answer(() => present().lookUps.lookUp(call.request), callback),
    feedback: (call, callback) => answer(() => present().feedback.give(call.request), callback),
    semantic: (_call, callback) => answer(() => Promise.resolve(describe(present())), callback),
  };
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

function describe({ guard, neighbourhood, metrics, embedderId }: Semantic): SemanticReply {
  return {
    embedder: embedderId,
    index: neighbourhood.kind,
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
