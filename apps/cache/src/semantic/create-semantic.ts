import { randomUUID } from 'node:crypto';
import { everyTenant, streamNames, verifierPairsKey, type Completion } from '@costlane/contracts';
import { subscribeSignals } from '@costlane/lanes';
import type { Embedder } from '@costlane/embedding';
import { createRedis, type Logger, type Metrics, type Redis } from '@costlane/platform';
import type { ExactFill, ResponseStore } from '@costlane/response-store';
import type { PairVerifier } from '@costlane/semantic-verifier';
import type { VectorIndex } from '@costlane/vector-index';
import { LRUCache } from 'lru-cache';
import { createAuditService, type AuditService } from './audit.service';
import { createEntrySource } from './entry-source';
import { createFalseHitGuard, keepLimit, type FalseHitGuard } from './false-hit-guard';
import { createFeedbackService, type FeedbackService } from './feedback.service';
import { createLlmJudge } from './llm-judge';
import { createLocalNeighbourhood, type LocalNeighbourhoodOptions } from './local-neighbourhood';
import { createLookUpService, type LookUpService } from './look-up.service';
import type { EntrySelection, Neighbourhood, Prepare } from './neighbourhood';
import type { SemanticSettings } from './semantic-config';
import { createRecentVectors } from './recent-vectors';
import type { SemanticEntry } from './semantic-entry';
import { createSemanticLog } from './semantic-log';
import { createSemanticMetrics, registerSemanticGauges, type SemanticMetrics } from './semantic-metrics';
import { createSharedNeighbourhood } from './shared-neighbourhood';
import { createVectorStore } from './vector-store';

/** The semantic tier, put together. */
export interface Semantic {
  lookUps: LookUpService;
  feedback: FeedbackService;
  audits: AuditService;
  guard: FalseHitGuard;
  neighbourhood: Neighbourhood;
  metrics: SemanticMetrics;
  embedderId: string;
  /** Answers were stored in the exact tier; `areAllStored`: none of them was left out. */
  onStored(fills: readonly ExactFill[], areAllStored: boolean): Promise<void>;
  onCompletions(completions: readonly Completion[]): void;
  /** null: the deployment's. Gives the limit that is in effect from now on. */
  setLimit(tenantId: string, limit: number | null): Promise<number>;
  /** Judged pairs of questions as lines of JSON, newest first. */
  pairs(tenantId: string): Promise<{ lines: string[]; isCollecting: boolean }>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface SemanticDeps {
  settings: SemanticSettings;
  redis: Redis;
  redisUrl: string;
  store: Pick<ResponseStore, 'find' | 'invalidate'>;
  embedder: Embedder;
  index: VectorIndex;
  verifier: PairVerifier;
  logger: Logger;
  metrics: Metrics;
}

/** Nearest questions that are verified for one look-up: the right one is rarely further down, and each costs some 100 µs. */
const CANDIDATES = 3;
const PREPARED_TEXTS = 10_000;

export function createSemantic(deps: SemanticDeps): Semantic {
  const { settings, redis, store, embedder, index, verifier, logger } = deps;
  const metrics = createSemanticMetrics(deps.metrics);
  const connect = (name: string): Redis =>
    createRedis(deps.redisUrl, { name: `cache-${name}`, logger, blocking: true });
  const names = streamNames();
  const log = createSemanticLog({ redis, blockingRedis: connect('semantic'), names, logger });
  const source = createEntrySource(redis);
  const prepare = rememberingPrepare(verifier);
  const common = { index, source, embedder, limit: CANDIDATES, logger };
  const recent = createRecentVectors();
  const local = settings.QDRANT_URL === undefined ? localNeighbourhood(deps, { ...common, recent }) : undefined;
  const neighbourhood = local ?? createSharedNeighbourhood({ ...common, metrics: deps.metrics });
  const replica = randomUUID();
  const guard = createFalseHitGuard({
    redis,
    defaultLimit: settings.CACHE_MAX_FALSE_HIT_RATE,
    logger,
    onState: (_tenantId, state) => metrics.stateChanged(state),
  });
  const audits = createAuditService({
    redis,
    store,
    embedder,
    judge: judgeOf(settings),
    log,
    metrics,
    logger,
    agreesFrom: settings.CACHE_AUDIT_AGREEMENT,
    keepsPairs: settings.CACHE_KEEP_PAIRS,
  });
  registerSemanticGauges(deps.metrics, guard, neighbourhood);
  let signals: { stop(): void } | undefined;

  const notIndexed = (error: unknown, entries: number): void => {
    metrics.fallback('semantic_fill_skipped');
    logger.warn({ err: error, entries }, 'stored questions could not be indexed');
  };
  const onFill = (tenantId: string, fingerprints: readonly string[]): void => {
    neighbourhood.onFilled(tenantId, fingerprints).catch((error: unknown) => notIndexed(error, fingerprints.length));
  };

  return {
    lookUps: createLookUpService({
      embedder,
      verifier,
      isDense: settings.EMBEDDING_PROVIDER === 'onnx',
      neighbourhood,
      guard,
      prepare,
      recent,
      redis,
      metrics,
      logger,
      minSimilarity: settings.CACHE_SIMILARITY_THRESHOLD,
      maxAgeMs: settings.CACHE_SEMANTIC_MAX_AGE_SECONDS * 1000,
      minTimesAsked: settings.CACHE_SEMANTIC_MIN_TIMES_ASKED,
      auditShare: settings.CACHE_AUDIT_SHARE,
      keepsPairs: settings.CACHE_KEEP_PAIRS,
    }),
    feedback: createFeedbackService({ redis, store, source, audits, metrics, logger }),
    audits,
    guard,
    neighbourhood,
    metrics,
    embedderId: embedder.modelId,
    async onStored(fills, areAllStored) {
      const entries = fills.flatMap(entryOfFill);
      const byTenant = new Map<string, string[]>();
      for (const { tenantId, fingerprint } of entries)
        byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), fingerprint]);
      if (!local) {
        for (const [tenantId, fingerprints] of byTenant) onFill(tenantId, fingerprints);
        return;
      }
      // Where some were left out, which ones is found out by reading them, like at every other replica.
      const by = areAllStored ? replica : undefined;
      await log.publish(
        [...byTenant].map(([tenantId, fingerprints]) => ({ kind: 'fill' as const, tenantId, fingerprints, by })),
      );
      if (areAllStored) local.onStored(entries).catch((error: unknown) => notIndexed(error, entries.length));
    },
    onCompletions: (completions) => audits.take(completions),
    async setLimit(tenantId, limit) {
      await keepLimit(redis, tenantId, limit);
      await log.publish([{ kind: 'limit', tenantId, limit }]);
      return limit ?? settings.CACHE_MAX_FALSE_HIT_RATE;
    },
    async pairs(tenantId) {
      return {
        lines: await redis.lrange(verifierPairsKey(tenantId), 0, -1),
        isCollecting: settings.CACHE_KEEP_PAIRS,
      };
    },
    async start() {
      signals = subscribeSignals({
        redis: connect('semantic-signals'),
        names,
        logger,
        handlers: {
          onInvalidate(message) {
            if (message.kind !== 'cache') return;
            const work =
              message.tenantId === everyTenant
                ? [neighbourhood.clear()]
                : selectionsOf(message).map((selection) => neighbourhood.remove(message.tenantId, selection));
            for (const one of work)
              one.catch((error: unknown) => {
                metrics.fallback('semantic_index_remove');
                logger.warn({ err: error }, 'invalidated entries could not be removed from the vector index');
              });
          },
          onGap: () => neighbourhood.reload(),
        },
      });
      await log.follow({
        onEvent(event) {
          if (event.kind === 'fill') {
            if (event.by !== replica) onFill(event.tenantId, event.fingerprints);
          } else if (event.kind === 'audit') guard.audited(event.tenantId, event.probability, event.isWrong);
          else guard.limit(event.tenantId, event.limit);
        },
        onGap: () => neighbourhood.reload(),
      });
    },
    async stop() {
      signals?.stop();
      await log.stop();
      await audits.idle();
      await neighbourhood.close();
      await embedder.close();
    },
  };
}

type NeighbourhoodParts = Pick<
  LocalNeighbourhoodOptions,
  'index' | 'source' | 'embedder' | 'limit' | 'logger' | 'recent'
>;

function localNeighbourhood({ settings, redis, embedder }: SemanticDeps, parts: NeighbourhoodParts) {
  const isFree = settings.EMBEDDING_PROVIDER === 'static';
  return createLocalNeighbourhood({
    ...parts,
    vectors: isFree ? undefined : createVectorStore(redis, embedder.modelId, embedder.dimension),
    maxEntries: settings.CACHE_SEMANTIC_SIZE,
    policy: settings.CACHE_EVICTION_POLICY,
  });
}

function entryOfFill({ fill, body }: ExactFill): SemanticEntry[] {
  const { entry, tenantId, fingerprint, tag, ttlSeconds } = fill;
  if (!entry.semantic) return [];
  const { text, contextHash } = entry.semantic;
  return [
    {
      tenantId,
      fingerprint,
      text,
      contextHash,
      model: entry.modelAsked,
      tag,
      createdAtMs: entry.createdAtMs,
      expiresAtMs: Date.now() + ttlSeconds * 1000,
      valueNanoUsd: entry.baselineNanoUsd,
      sizeBytes: body.length,
    },
  ];
}

function judgeOf(settings: SemanticSettings) {
  if (settings.CACHE_JUDGE_MODEL === undefined) return undefined;
  return createLlmJudge({
    baseUrl: settings.CACHE_JUDGE_BASE_URL,
    apiKey: settings.CACHE_JUDGE_API_KEY,
    model: settings.CACHE_JUDGE_MODEL,
  });
}

function rememberingPrepare(verifier: PairVerifier): Prepare {
  const prepared = new LRUCache<string, ReturnType<PairVerifier['prepare']>>({ max: PREPARED_TEXTS });
  return (tenantId, text) => {
    // The tenant is part of the key, so that the time of a look-up says nothing about what other tenants asked.
    const key = `${tenantId}\n${text}`;
    let known = prepared.get(key);
    if (!known) prepared.set(key, (known = verifier.prepare(text)));
    return known;
  };
}

function selectionsOf(message: { key?: string; model?: string; tag?: string; all?: true }): EntrySelection[] {
  const { key, model, tag, all } = message;
  if (all) return [{ all }];
  if (key !== undefined) return [{ key }];
  if (model !== undefined) return [{ model }];
  return tag === undefined ? [] : [{ tag }];
}
