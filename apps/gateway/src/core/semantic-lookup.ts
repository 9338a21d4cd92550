import { CacheServiceService, LookUpReply, LookUpRequest, type SemanticAudit } from '@costlane/contracts';
import type { SemanticQuestion } from '@costlane/domain';
import { createMuxClient, type Logger, type Metrics, type MuxClient } from '@costlane/platform';
import { createLookUpWindow, type LookUpWindow } from './look-up-window';
import { createSharedTimeout } from './shared-timeout';
import { watchWorkerAddresses, type ResolveHost } from './worker-addresses';
import { createPlaces } from './tenant-places';
import { createWorkerClients } from './worker-clients';

/** An answer that the semantic cache holds good for another wording of its question. */
export interface SemanticHit {
  /** Its key in the exact tier. */
  fingerprint: string;
  /** Cosine of the two questions. */
  similarity: number;
  /** That the answer serves both, as the verifier sees it. */
  probability: number;
  /** Sampled: the provider is asked as well, behind the caller's back, and the two answers are compared. */
  isAudited: boolean;
}

/** What a look-up found. */
export interface SemanticFinding {
  hit?: SemanticHit;
  /** No hit, but the provider's answer to this request is to be compared with that stored one. */
  audit?: SemanticAudit;
}

export interface SemanticLookup {
  /** No hit: there is none, or the cache service did not say so in time. Never rejects and never takes longer than the limit. */
  find(asked: {
    tenantId: string;
    requestId: string;
    model: string;
    question: SemanticQuestion;
    minSimilarity?: number;
  }): Promise<SemanticFinding>;
  connected(): number;
  close(): void;
}

export interface SemanticLookupOptions {
  /** `host:port`; a name stands for all replicas that it resolves to. A tenant's questions always go to the same one. */
  addresses: readonly string[];
  /** What a request loses at the most. */
  timeoutMs: number;
  logger: Logger;
  metrics: Metrics;
  resolve?: ResolveHost;
  connect?: (address: string, onState: (isConnected: boolean) => void) => MuxClient;
}

const MAX_WAITING = 5_000;
/** Calls that nobody waits for any more are let go of by then. */
const CALL_TIMEOUT_MS = 1_000;

export const semanticOutcomes = ['hit', 'miss', 'late', 'paused', 'unavailable', 'failed'] as const;

/** Asks the cache service for answers to like questions, over one stream a replica. */
export function createSemanticLookup(options: SemanticLookupOptions): SemanticLookup {
  const { timeoutMs, logger, metrics } = options;
  const outcomes = metrics.counter({
    name: 'costlane_semantic_lookups_total',
    help: 'Questions put to the semantic cache by what came of it',
    labelNames: ['outcome'],
  });
  const count = (outcome: (typeof semanticOutcomes)[number]): void => {
    outcomes.inc({ outcome });
    if (outcome !== 'hit' && outcome !== 'miss') metrics.fallback('semantic_cache_skipped');
  };
  for (const outcome of semanticOutcomes) outcomes.inc({ outcome }, 0);
  const places = createPlaces<MuxClient>();
  const clients = createWorkerClients({
    onLost: () => watch.refresh(),
    connect:
      options.connect ??
      ((address, onState) =>
        createMuxClient({
          address,
          logger,
          path: CacheServiceService.mux,
          callTimeoutMs: CALL_TIMEOUT_MS,
          maxOpenCalls: MAX_WAITING,
          onState,
        })),
  });
  const watch = watchWorkerAddresses({
    addresses: options.addresses,
    logger,
    resolve: options.resolve,
    onChange: (change) => clients.apply(change),
  });
  const limit = createSharedTimeout(timeoutMs);
  // Each replica by itself: a slow one is no reason to leave the others alone.
  const windows = new WeakMap<MuxClient, LookUpWindow>();
  const windowOf = (client: MuxClient): LookUpWindow => {
    let window = windows.get(client);
    if (!window) windows.set(client, (window = createLookUpWindow({ timeoutMs })));
    return window;
  };
  const onLate = (window: LookUpWindow): SemanticFinding => {
    count('late');
    const pauseMs = window.late();
    if (pauseMs !== undefined)
      logger.warn({ pauseMs, timeoutMs }, 'the semantic cache answers too late; going on without it for a while');
    return nothing;
  };

  return {
    find({ tenantId, requestId, model, question, minSimilarity }) {
      const client = places.of(tenantId, clients.usableByAddress());
      if (!client) return skipped('unavailable');
      const window = windowOf(client);
      if (!window.mayAsk()) return skipped('paused');
      const asked = LookUpRequest.encode({
        tenantId,
        requestId,
        model,
        text: question.text,
        contextHash: question.contextHash,
        minSimilarity: minSimilarity ?? 0,
      }).finish();
      return new Promise((resolve) => {
        const done = limit.start(() => resolve(onLate(window)));
        client
          .call('LookUp', Buffer.from(asked.buffer, asked.byteOffset, asked.length))
          .then((bytes) => LookUpReply.decode(bytes))
          .then(
            (found) => {
              if (!done()) return;
              window.answered();
              count(found.fingerprint === '' ? 'miss' : 'hit');
              resolve(findingOf(found));
            },
            () => {
              if (!done()) return;
              // At once: asking it costs a request no time.
              window.answered();
              count('failed');
              resolve(nothing);
            },
          );
      });
    },
    connected: () => clients.connected().length,
    close() {
      watch.close();
      clients.close();
      limit.stop();
    },
  };

  function skipped(outcome: 'paused' | 'unavailable'): Promise<SemanticFinding> {
    count(outcome);
    return Promise.resolve(nothing);
  }
}

const nothing: SemanticFinding = {};

function findingOf({
  fingerprint,
  similarity,
  probability,
  isAudited,
  auditFingerprint,
}: LookUpReply): SemanticFinding {
  if (fingerprint !== '') return { hit: { fingerprint, similarity, probability, isAudited } };
  return isAudited ? { audit: { fingerprint: auditFingerprint, similarity, probability } } : nothing;
}
