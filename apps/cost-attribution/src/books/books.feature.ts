import { BooksServiceService } from '@costlane/contracts';
import type { Feature, FeatureDeps } from '../feature';
import { createBooksRpc } from './books.rpc';
import { createCheckTask } from './check-task';
import { createPromptsTask } from './prompts-task';
import { createRetentionTask } from './retention-task';

/** What auditors ask the books for, and what is done to keep them in order. */
export function createBooksFeature({ config, ledger, logger, metrics }: FeatureDeps): Feature {
  const keepDays = config.ledgerDetailRetentionDays;
  return {
    services: [{ definition: BooksServiceService, implementation: createBooksRpc({ ledger, logger }) }],
    tasks: [
      createCheckTask({ ledger, metrics, logger }),
      createPromptsTask({ ledger, logger }),
      ...(keepDays === 0 ? [] : [createRetentionTask({ ledger, metrics, logger, keepDays })]),
    ],
  };
}
