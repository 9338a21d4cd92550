import type { ScheduledTask } from '@costlane/jobs';
import type { RollUp } from './roll-up';

/** A run that has much to do (the first one after an upgrade, say) goes on where it stopped. */
const ROLLUP_TIMEOUT_MS = 5 * 60_000;
const SUMMARY_TIMEOUT_MS = 30 * 60_000;

/** What has changed goes into the hours and days every so often, into the summaries by the hour, when the one that has ended is complete but for latecomers. */
export function createRollupTasks(rollUp: RollUp, intervalSeconds: number): ScheduledTask[] {
  return [
    {
      name: 'rollup',
      schedule: { everyMs: intervalSeconds * 1_000 },
      timeoutMs: ROLLUP_TIMEOUT_MS,
      run: async (signal) => void (await rollUp({ signal, withSummary: false })),
    },
    {
      name: 'daily-summary',
      schedule: { cron: '7 * * * *' },
      timeoutMs: SUMMARY_TIMEOUT_MS,
      run: async (signal) => void (await rollUp({ signal })),
    },
  ];
}
