import { auditedKey, verifierPairsKey, type Completion } from '@costlane/contracts';
import type { Embedder } from '@costlane/embedding';
import type { Logger, Redis } from '@costlane/platform';
import type { ResponseStore } from '@costlane/response-store';
import { answerText, isRefusal } from '../fill/answer-text';
import { compareAnswers, cosineOf, type AnswerVerdict } from './compare-answers';
import { keepAudit } from './false-hit-guard';
import type { AnswerJudge } from './llm-judge';
import type { SemanticLog } from './semantic-log';
import type { SemanticMetrics } from './semantic-metrics';

/** Compares answers that the semantic cache gave with what the provider says to the same question. */
export interface AuditService {
  /** Begins to compare; nobody waits. Completions that are no audits are passed over. */
  take(completions: readonly Completion[]): void;
  /** Keeps a verdict, whoever came to it, and tells every replica. */
  record(verdict: RecordedVerdict): Promise<void>;
  /** Resolves when what was taken has been compared, or that takes too long: a judge may think for a minute. */
  idle(withinMs?: number): Promise<void>;
}

export interface RecordedVerdict {
  tenantId: string;
  probability: number;
  isWrong: boolean;
  source: 'audit' | 'feedback';
  asked?: string;
  kept?: string;
}

export interface AuditOptions {
  redis: Redis;
  store: Pick<ResponseStore, 'find'>;
  embedder: Embedder;
  /** Asked about all but answers that are equal to the letter. */
  judge?: AnswerJudge;
  log: Pick<SemanticLog, 'publish'>;
  metrics: SemanticMetrics;
  logger: Logger;
  /** Cosine of two answers from which they agree. */
  agreesFrom: number;
  keepsPairs: boolean;
}

/** Audits at once; those above are let go, for they are a sample anyway. */
const MAX_UNDER_WAY = 64;
/** What the end of the process waits for comparisons: one that is lost is one audit less. */
const IDLE_WITHIN_MS = 5_000;
const KEPT_PAIRS = 20_000;
const PAIRS_LIFETIME_SECONDS = 90 * 24 * 3_600;
/** Completions of a replica that died are handed over again within minutes. */
const AUDITED_LIFETIME_SECONDS = 24 * 3_600;

export function createAuditService(options: AuditOptions): AuditService {
  const { redis, store, embedder, judge, log, metrics, logger } = options;
  const underWay = new Set<Promise<void>>();

  const compare = async (question: string, given: string, fresh: string): Promise<AnswerVerdict> => {
    const [one, other] = await embedder.embed([given, fresh]);
    const compared = compareAnswers(given, fresh, one && other ? cosineOf(one, other) : 0, options.agreesFrom);
    if (!judge || compared.isExact || compared.verdict === 'unclear') return compared.verdict;
    try {
      return await judge({ question, given, fresh });
    } catch (error) {
      metrics.fallback('semantic_judge_failed');
      logger.warn({ err: error }, 'the judge of semantic hits could not be asked; the vectors decide');
      return compared.verdict;
    }
  };

  const record = async ({ tenantId, probability, isWrong, source, asked, kept }: RecordedVerdict): Promise<void> => {
    await keepAudit(redis, tenantId, probability, isWrong);
    await log.publish([{ kind: 'audit', tenantId, probability, isWrong }]);
    if (!options.keepsPairs || asked === undefined || kept === undefined) return;
    const key = verifierPairsKey(tenantId);
    const pair = JSON.stringify({ a: asked, b: kept, same: !isWrong, source });
    await redis
      .pipeline()
      .lpush(key, pair)
      .ltrim(key, 0, KEPT_PAIRS - 1)
      .expire(key, PAIRS_LIFETIME_SECONDS)
      .exec();
  };

  /** A double would weigh twice with the guard, and cost a judge's call. */
  const isFirst = async (tenantId: string, requestId: string): Promise<boolean> =>
    (await redis.set(auditedKey(tenantId, requestId), '', 'EX', AUDITED_LIFETIME_SECONDS, 'NX')) === 'OK';

  const audit = async ({ record: { tenantId, requestId }, fill, body }: Completion): Promise<void> => {
    // The candidate had gone and is the fresh answer by now: that says nothing of the one that was meant.
    if (!fill?.audit || !body || fill.audit.fingerprint === fill.fingerprint) return;
    if (!(await isFirst(tenantId, requestId))) return;
    const kept = await store.find(tenantId, fill.audit.fingerprint);
    const given = kept && textOf(kept.body, kept.header.form);
    const fresh = textOf(body, fill.entry.form);
    const asked = fill.entry.semantic?.text;
    if (given === undefined || fresh === undefined || asked === undefined) return metrics.audited('unclear');
    const verdict = await compare(asked, given, fresh);
    metrics.audited(verdict);
    if (verdict === 'unclear') return;
    const { probability } = fill.audit;
    const keptQuestion = kept?.header.semantic?.text;
    await record({ tenantId, probability, isWrong: verdict === 'differs', source: 'audit', asked, kept: keptQuestion });
  };

  return {
    take(completions) {
      for (const completion of completions) {
        if (!completion.fill?.audit) continue;
        if (underWay.size >= MAX_UNDER_WAY) {
          metrics.fallback('semantic_audit_skipped');
          continue;
        }
        const one = audit(completion)
          .catch((error: unknown) => {
            metrics.fallback('semantic_audit_skipped');
            logger.warn({ err: error }, 'comparing a semantic hit with a fresh answer failed');
          })
          .finally(() => underWay.delete(one));
        underWay.add(one);
      }
    },
    record,
    async idle(withinMs = IDLE_WITHIN_MS) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
      await Promise.race([Promise.all(underWay), late]);
      clearTimeout(timer);
    },
  };
}

/** Undefined for what cannot be read, or declines: what a model will not say shows nothing of what it would have said. */
function textOf(body: Buffer, form: 'json' | 'sse'): string | undefined {
  const answer = answerText(body, form);
  return answer && !isRefusal(answer) ? answer.text : undefined;
}
