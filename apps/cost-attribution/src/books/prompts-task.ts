import type { ScheduledTask } from '@costlane/jobs';
import type { Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';

const MINUTE_MS = 60_000;

/** Removes stored prompts whose time is over. */
export function createPromptsTask({
  ledger,
  logger,
}: {
  ledger: Pick<Ledger, 'prompts'>;
  logger: Logger;
}): ScheduledTask {
  return {
    name: 'prompts-expiry',
    schedule: { everyMs: 10 * MINUTE_MS },
    timeoutMs: 5 * MINUTE_MS,
    async run(signal) {
      const removed = await ledger.prompts.removeExpired(signal);
      if (removed > 0) logger.info({ removed }, 'stored prompts whose time was over are removed');
    },
  };
}
