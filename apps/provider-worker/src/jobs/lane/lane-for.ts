import { CostlaneError, type RoutingPolicy } from '@costlane/domain';
import type { Logger } from '@costlane/platform';
import type { Confidence } from '../../confidence/create-confidence';
import type { WorkerConfig } from '../../config';
import type { Outbox } from '../../outbox/outbox';
import type { WorkerProvider } from '../../providers.config';
import { priceOf } from '../../work/price-of';
import type { JobRunnerDeps } from '../start-job-runner';
import { batchAccountsOf } from './batch-accounts';
import { createBatchBudgets } from './batch-budgets';
import { createProviderLane } from './create-provider-lane';

export interface LaneParts {
  config: WorkerConfig;
  providers: readonly WorkerProvider[];
  policy: () => RoutingPolicy | undefined;
  outbox: Pick<Outbox, 'finish'>;
  confidence: Confidence;
  logger: Logger;
}

const MINUTE_MS = 60_000;
const MIN_RESERVE_MS = 5 * MINUTE_MS;

/** The lane of this worker's providers, its prices and its way to the ledger. */
export function laneFor({
  config,
  providers,
  policy,
  outbox,
  confidence,
  logger,
}: LaneParts): JobRunnerDeps['createLane'] {
  const priceNow = (model: string) => {
    const known = policy();
    // Nothing is put on record without a price for want of a router: it is done when there is one.
    if (!known) throw new CostlaneError('unavailable', 'There is no policy yet, and so no prices.');
    return priceOf(known, model);
  };
  return ({ ask, metrics, budgets }) =>
    createProviderLane({
      ask,
      metrics,
      logger,
      confidence,
      accounts: batchAccountsOf(providers, {
        names: config.PROVIDER_BATCH_APIS,
        pollMs: config.BATCH_API_POLL_MS,
        mockPollMs: config.BATCH_API_MOCK_POLL_MS,
      }),
      budgets: createBatchBudgets(budgets, Date.now),
      priceOf: priceNow,
      finish: (job) => outbox.finish(job),
      window: {
        minWindowMs: config.BATCH_API_MIN_WINDOW_MINUTES * MINUTE_MS,
        reserveShare: config.BATCH_API_RESERVE,
        minReserveMs: MIN_RESERVE_MS,
      },
      now: Date.now,
    });
}
