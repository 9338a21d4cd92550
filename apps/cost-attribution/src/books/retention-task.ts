import type { ScheduledTask } from '@costlane/jobs';
import type { Ledger } from '@costlane/ledger';
import type { Logger, Metrics } from '@costlane/platform';

const MINUTE_MS = 60_000;
/** Days that have to stay, in the log. */
const MOST_NAMED = 31;

export interface RetentionTaskDeps {
  ledger: Pick<Ledger, 'dropOldDetail'>;
  metrics: Metrics;
  logger: Logger;
  keepDays: number;
}

/** Drops the detail of days that are too old, after the nightly check. A day that has to stay is said in the log, and tried again the next night. */
export function createRetentionTask({ ledger, metrics, logger, keepDays }: RetentionTaskDeps): ScheduledTask {
  const days = metrics.counter({
    name: 'costlane_ledger_detail_days_total',
    help: 'Days that were too old for their detail to be kept, by what became of it',
    labelNames: ['result'],
  });
  for (const result of ['dropped', 'kept']) days.inc({ result }, 0);
  return {
    name: 'ledger-detail-retention',
    schedule: { cron: '47 3 * * *', timeZone: 'UTC' },
    timeoutMs: 60 * MINUTE_MS,
    async run(signal) {
      const { dropped, kept } = await ledger.dropOldDetail({ keepDays, signal });
      days.inc({ result: 'dropped' }, dropped.length);
      days.inc({ result: 'kept' }, kept.length);
      if (dropped.length > 0) logger.info({ dropped }, 'the detail of old days was dropped');
      if (kept.length > 0)
        logger.warn({ days: kept.length, kept: kept.slice(0, MOST_NAMED) }, 'the detail of old days has to stay');
    },
  };
}
