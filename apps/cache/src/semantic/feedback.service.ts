import { servedKey, type FeedbackReply, type FeedbackRequest, type ServedRecord } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Logger, Redis } from '@costlane/platform';
import type { ResponseStore } from '@costlane/response-store';
import type { AuditService } from './audit.service';
import type { EntrySource } from './entry-source';
import type { SemanticMetrics } from './semantic-metrics';

export interface FeedbackService {
  /** Evicts what was wrong, everywhere, before it resolves. Throws `invalid_request` where nothing is named. */
  give(request: FeedbackRequest): Promise<FeedbackReply>;
}

/** Feedback that names a cache key. Nothing says how its answer was come by: the entry itself was wrong. */
export async function giveOnKey(
  store: Pick<ResponseStore, 'invalidate'>,
  { tenantId, isWrong }: Pick<FeedbackRequest, 'tenantId' | 'isWrong'>,
  key: string,
): Promise<FeedbackReply> {
  const removedEntries = isWrong ? await store.invalidate({ kind: 'cache', tenantId, key }) : 0;
  return { isKnown: removedEntries > 0 || !isWrong, removedEntries };
}

/** What users say of answers that came from a cache. */
export function createFeedbackService(options: {
  redis: Redis;
  store: Pick<ResponseStore, 'invalidate'>;
  source: EntrySource;
  audits: Pick<AuditService, 'record'>;
  metrics: SemanticMetrics;
  logger: Logger;
}): FeedbackService {
  const { redis, store, source, audits, metrics, logger } = options;

  return {
    async give({ tenantId, what, isWrong }) {
      if (what?.$case === 'key') return giveOnKey(store, { tenantId, isWrong }, what.value);
      if (what?.$case !== 'requestId' || what.value === '')
        throw new CostlaneError('invalid_request', 'Feedback has to name a request or a cache key.', {
          field: 'request_id',
        });
      const text = await redis.get(servedKey(tenantId, what.value));
      if (text === null) return { isKnown: false, removedEntries: 0 };
      const served = JSON.parse(text) as ServedRecord;
      const [entry] = await source.read(tenantId, [served.fingerprint]);
      const removedEntries = isWrong ? await store.invalidate({ kind: 'cache', tenantId, key: served.fingerprint }) : 0;
      // Told twice, also at once, it counts once.
      if ((await redis.del(servedKey(tenantId, what.value))) === 0) return { isKnown: true, removedEntries };
      metrics.feedback(isWrong);
      const { probability, asked } = served;
      await audits.record({ tenantId, probability, isWrong, source: 'feedback', asked, kept: entry?.text });
      logger.info({ tenantId, requestId: what.value, isWrong, removedEntries }, 'feedback on a semantic hit');
      return { isKnown: true, removedEntries };
    },
  };
}
