import { budgetChannel, BudgetServiceService, type BudgetMessage } from '@costlane/contracts';
import type { Feature, FeatureDeps } from '../feature';
import { createBudgetMetrics } from './budget-metrics';
import { createBudgetRpc } from './budgets.rpc';
import { keepLeases } from './keep-leases';
import { unrecordedAgeMs } from './unrecorded-age';

const HOUR_MS = 3_600_000;
const DELETE_TIMEOUT_MS = 60_000;

/** The authority on budgets: what gateways and workers ask of it, and what it does by itself. */
export function createBudgetsFeature({ ledger, redis, names, metrics, logger }: FeatureDeps): Feature {
  const { budgets } = ledger;
  const watched = createBudgetMetrics(metrics);
  // A hint: gateways hear the same with their next sync.
  const publish = (message: BudgetMessage): void => {
    if (redis.status === 'ready') redis.publish(budgetChannel, JSON.stringify(message)).catch(() => undefined);
  };
  let keeping: ReturnType<typeof keepLeases> | undefined;
  return {
    services: [
      {
        definition: BudgetServiceService,
        implementation: createBudgetRpc({ budgets, metrics: watched, publish, logger }),
      },
    ],
    tasks: [
      {
        name: 'delete-old-budgets',
        schedule: { everyMs: HOUR_MS },
        timeoutMs: DELETE_TIMEOUT_MS,
        run: () => budgets.deleteOld(),
      },
    ],
    start() {
      keeping = keepLeases({
        budgets,
        metrics: watched,
        unrecordedAgeMs: () => unrecordedAgeMs(redis, names.completions),
        logger,
      });
    },
    stop: () => keeping?.stop(),
  };
}
