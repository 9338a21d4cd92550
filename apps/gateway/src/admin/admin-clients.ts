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
import { credentials } from '@grpc/grpc-js';
import { createAnalyticsReports, type AnalyticsReports } from '../doors/analytics-client';
import { createAnomalyAdmin, type AnomalyAdmin } from './anomalies-door-client';
import { askService as ask, type Call } from './ask-service';
import { createBooksAdmin, type BooksAdmin } from './books-door-client';
import { createBudgetAdmin, type BudgetAdmin } from './budgets-door-client';
import {
  createCatalogAdmin,
  createControlDocuments,
  createExperimentReports,
  type CatalogAdmin,
  type ControlDocuments,
  type ExperimentReports,
} from './control-clients';
import { createPromptAdmin, type PromptAdmin } from './prompts-door-client';

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
  /** Said to the cache, and where it names a request that took part in an experiment, kept for its report. */
  feedback(request: FeedbackRequest): Promise<FeedbackReply>;
  readonly control: ControlDocuments;
  readonly experiments: ExperimentReports;
  readonly books: BooksAdmin;
  readonly budgets: BudgetAdmin;
  readonly anomalies: AnomalyAdmin;
  readonly catalog: CatalogAdmin;
  readonly prompts: PromptAdmin;
  readonly analytics: AnalyticsReports;
}

const LEDGER = 'cost-attribution';

/** The services behind administration over plain gRPC calls: they are rare. */
export function createAdminServices(options: {
  keys: KeyServiceClient;
  cacheAddress: string;
  ledgerAddress: string;
  routerAddress: string;
}): AdminServices & { close(): void } {
  const { keys } = options;
  const control = createControlDocuments(options.ledgerAddress);
  const experiments = createExperimentReports(options.ledgerAddress);
  const catalog = createCatalogAdmin(options.routerAddress);
  const prompts = createPromptAdmin(options.ledgerAddress);
  const analytics = createAnalyticsReports(options.ledgerAddress);
  const books = createBooksAdmin(options.ledgerAddress);
  const budgets = createBudgetAdmin(options.ledgerAddress);
  const anomalies = createAnomalyAdmin(options.ledgerAddress);
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
      return giveFeedback(request, () => ask(call, request, 'cache'), experiments);
    },
    control,
    experiments,
    books,
    budgets,
    anomalies,
    catalog,
    prompts,
    analytics,
    close() {
      books.close();
      for (const client of [cache, control, budgets, anomalies, experiments, catalog, prompts, analytics])
        client.close();
    },
  };
}

/**
 * Tells the cache and the experiments. Known is what one of them knows; that the other is away is then no failure, for what was said has
 * had its effect, and may be said again.
 */
export async function giveFeedback(
  { tenantId, what, isWrong }: FeedbackRequest,
  tellCache: () => Promise<FeedbackReply>,
  experiments: Pick<ExperimentReports, 'recordFeedback'>,
): Promise<FeedbackReply> {
  const requestId = what?.$case === 'requestId' ? what.value : undefined;
  const [cached, kept] = await Promise.allSettled([
    tellCache(),
    requestId === undefined
      ? Promise.resolve(false)
      : experiments.recordFeedback({ tenantId, requestId, value: isWrong ? 0 : 1 }),
  ]);
  const isKept = kept.status === 'fulfilled' && kept.value;
  if (cached.status === 'fulfilled') return { ...cached.value, isKnown: cached.value.isKnown || isKept };
  if (isKept) return { isKnown: true, removedEntries: 0 };
  throw cached.reason;
}

/** The cache service's own word, which it gives with a code; one that cannot be reached has none. */
export const isSwitchedOff = (error: unknown): boolean =>
  error instanceof CostlaneError && error.code === 'unavailable' && error.message.includes('CACHE_SEMANTIC_ENABLED');
