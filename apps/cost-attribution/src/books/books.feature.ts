import { BooksServiceService, PromptServiceService } from '@costlane/contracts';
import type { Feature, FeatureDeps } from '../feature';
import { createReconcileRpc } from '../reconcile/reconcile.rpc';
import { rollUpOf } from '../rollup/rollup.feature';
import { createRollupRpc } from '../rollup/rollup.rpc';
import { createBooksRpc } from './books.rpc';
import { createCheckTask } from './check-task';
import { createPromptsTask } from './prompts-task';
import { createPromptsRpc } from './prompts.rpc';
import { createRetentionTask } from './retention-task';

/** What auditors ask the books for, and what is done to keep them in order. */
export function createBooksFeature(deps: FeatureDeps): Feature {
  const { config, ledger, logger, metrics } = deps;
  const others = {
    rollup: createRollupRpc({ rollUp: rollUpOf(deps), rollups: ledger.rollups, logger }),
    reconcile: createReconcileRpc({ ledger, logger }),
  };
  const keepDays = config.ledgerDetailRetentionDays;
  return {
    services: [
      { definition: BooksServiceService, implementation: createBooksRpc({ ledger, logger, others }) },
      { definition: PromptServiceService, implementation: createPromptsRpc(ledger.prompts, logger) },
    ],
    tasks: [
      createCheckTask({ ledger, metrics, logger }),
      createPromptsTask({ ledger, logger }),
      ...(keepDays === 0 ? [] : [createRetentionTask({ ledger, metrics, logger, keepDays })]),
    ],
  };
}
