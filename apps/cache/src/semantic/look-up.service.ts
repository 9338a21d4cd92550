import { randomInt } from 'node:crypto';
import {
  exactKey,
  SERVED_LIFETIME_SECONDS,
  servedKey,
  type LookUpReply,
  type LookUpRequest,
  type ServedRecord,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Embedder } from '@costlane/embedding';
import type { Logger, Redis } from '@costlane/platform';
import type { PairVerifier } from '@costlane/semantic-verifier';
import type { FalseHitGuard } from './false-hit-guard';
import { judgeCandidates, type Judged, type LookUpOutcome } from './judge-candidates';
import type { Neighbourhood, Neighbours, Prepare } from './neighbourhood';
import type { RecentVectors } from './recent-vectors';
import type { SemanticMetrics } from './semantic-metrics';

export interface LookUpService {
  /** Whether each of them did its work when it was last asked. */
  parts(): { embeddings: boolean; index: boolean };
  /** Never rejects: whatever goes wrong is a miss with its reason. */
  lookUp(request: LookUpRequest): Promise<LookUpReply>;
}

export interface LookUpOptions {
  embedder: Embedder;
  verifier: PairVerifier;
  /** The embedder is the contextual model that the verifier was trained with: its cosine counts as evidence. */
  isDense: boolean;
  neighbourhood: Neighbourhood;
  guard: FalseHitGuard;
  prepare: Prepare;
  /** Takes the vectors of what was asked. */
  recent?: Pick<RecentVectors, 'keep'>;
  redis: Redis;
  metrics: SemanticMetrics;
  logger: Logger;
  /** Cosine gate; requests may only raise it. */
  minSimilarity: number;
  maxAgeMs: number;
  minTimesAsked: number;
  /** Share of the hits that are also asked upstream, 0 to 1. */
  auditShare: number;
  /** Judged pairs of questions are kept for training. */
  keepsPairs: boolean;
  /** A look-up that waited longer is not worked on any more. Default 50. */
  staleAfterMs?: number;
  now?: () => number;
}

interface Waiting {
  request: LookUpRequest;
  sinceMs: number;
  resolve: (reply: LookUpReply) => void;
}

/** Gateways wait some 12 ms; work that nobody waits for any more only delays the rest. */
const STALE_AFTER_MS = 50;
const MAX_WAITING = 2_000;

/** Look-ups of one tick are embedded and searched together. */
export function createLookUpService(options: LookUpOptions): LookUpService {
  const { embedder, neighbourhood, metrics, logger, staleAfterMs = STALE_AFTER_MS } = options;
  const now = options.now ?? Date.now;
  let waiting: Waiting[] = [];
  let underWay = 0;
  const parts = { embeddings: true, index: true };
  const noting = async <T>(part: keyof typeof parts, work: Promise<T>): Promise<T> => {
    try {
      const done = await work;
      parts[part] = true;
      return done;
    } catch (error) {
      parts[part] = false;
      throw error;
    }
  };

  /** `isWorthAudit`: no hit, but what the provider says anyway is to be compared with the candidate's answer. */
  const answer = (
    { request, sinceMs, resolve }: Waiting,
    outcome: LookUpOutcome,
    judged?: Judged,
    isWorthAudit = false,
  ): void => {
    metrics.counted(request.tenantId, outcome === 'hit');
    metrics.lookedUp(outcome, judged, Math.max(0, performance.now() - sinceMs) / 1000);
    const candidate = judged?.entry?.fingerprint ?? '';
    const isHit = outcome === 'hit' && candidate !== '';
    const isAudited = candidate !== '' && (isHit || isWorthAudit) && isSampled(options.auditShare);
    resolve({
      fingerprint: isHit ? candidate : '',
      similarity: judged?.similarity ?? 0,
      probability: judged?.probability ?? 0,
      outcome,
      isAudited,
      auditFingerprint: isAudited ? candidate : '',
    });
    if (isHit && judged) remember(options, request, judged);
  };

  const decide = (one: Waiting, { candidates, isLoading }: Neighbours): void => {
    const { request } = one;
    const gates = { maxAgeMs: options.maxAgeMs, minTimesAsked: options.minTimesAsked, nowMs: now() };
    const judged = judgeCandidates(
      options.verifier,
      { text: request.text, prepare: (text) => options.prepare(request.tenantId, text) },
      candidates,
      gates,
      options.isDense,
    );
    const nearest = candidates[0]?.entry;
    if (nearest) neighbourhood.touch(nearest);
    if (judged.outcome !== 'hit')
      return answer(one, isLoading && judged.outcome === 'empty' ? 'loading' : judged.outcome, judged);
    const isAdmitted = options.guard.admit(request.tenantId, judged.probability);
    if (isAdmitted === undefined) return answer(one, 'loading', judged);
    const floor = options.verifier.thresholdFor(options.guard.limitOf(request.tenantId), options.isDense);
    if (isAdmitted && judged.probability >= floor) return answer(one, 'hit', judged);
    const isOff = options.guard.isOff(request.tenantId);
    answer(one, isOff ? 'off' : 'improbable', judged, options.guard.isWorthAudit(request.tenantId, judged.probability));
  };

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    underWay += batch.length;
    const tooLateMs = performance.now() - staleAfterMs;
    const live = batch.filter((one) => one.sinceMs >= tooLateMs || answer(one, 'late') !== undefined);
    try {
      const texts = live.map(({ request }) => request.text);
      const vectors = await noting('embeddings', embedder.embed(texts, { deadlineAtMs: now() + staleAfterMs }));
      live.forEach(({ request }, at) => {
        const vector = vectors[at];
        if (vector) options.recent?.keep(request.tenantId, request.text, vector);
      });
      const searching = neighbourhood.find(
        live.map(({ request }, at) => ({
          tenantId: request.tenantId,
          contextHash: request.contextHash,
          model: request.model,
          vector: vectors[at] as Float32Array,
          minSimilarity: Math.max(options.minSimilarity, request.minSimilarity),
        })),
      );
      const found = await noting('index', searching);
      live.forEach((one, at) => {
        // Each takes its time: the last of many may have been given up by now.
        if (performance.now() - one.sinceMs > staleAfterMs) answer(one, 'late');
        else decide(one, found[at] ?? { candidates: [], isLoading: false });
      });
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome === 'failed') logger.warn({ err: error }, 'looking questions up failed');
      for (const one of live) answer(one, outcome);
    } finally {
      underWay -= batch.length;
    }
  };

  return {
    parts: () => ({ ...parts }),
    lookUp: (request) =>
      new Promise((resolve) => {
        // Its audits are read before the first candidate needs them.
        options.guard.limitOf(request.tenantId);
        const one: Waiting = { request, sinceMs: performance.now(), resolve };
        if (waiting.length + underWay >= MAX_WAITING) return answer(one, 'overloaded');
        if (waiting.push(one) === 1) setImmediate(() => void flush());
      }),
  };
}

function outcomeOf(error: unknown): LookUpOutcome {
  if (!(error instanceof CostlaneError)) return 'failed';
  if (error.code === 'deadline_exceeded') return 'late';
  return error.code === 'overloaded' ? 'overloaded' : 'failed';
}

const SAMPLE_STEPS = 1_000_000;
const isSampled = (share: number): boolean => share > 0 && randomInt(SAMPLE_STEPS) < share * SAMPLE_STEPS;

/** Keeps what was given for feedback, and looks whether the answer is still there: where it is not, the entry goes. Nobody waits. */
function remember(
  { redis, neighbourhood, logger, keepsPairs }: LookUpOptions,
  request: LookUpRequest,
  judged: Judged,
): void {
  const { entry, similarity, probability } = judged;
  if (!entry) return;
  const { tenantId, fingerprint } = entry;
  const record: ServedRecord = { fingerprint, similarity, probability, ...(keepsPairs ? { asked: request.text } : {}) };
  const pipeline = redis.pipeline();
  pipeline.exists(exactKey(tenantId, fingerprint));
  if (request.requestId !== '')
    pipeline.set(servedKey(tenantId, request.requestId), JSON.stringify(record), 'EX', SERVED_LIFETIME_SECONDS);
  pipeline
    .exec()
    .then((replies) => (replies?.[0]?.[1] === 0 ? neighbourhood.remove(tenantId, { key: fingerprint }) : undefined))
    .catch((error: unknown) => logger.debug({ err: error }, 'keeping what was given for feedback failed'));
}
