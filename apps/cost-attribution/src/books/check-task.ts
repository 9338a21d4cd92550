import type { ScheduledTask } from '@costlane/jobs';
import type { Ledger, LedgerCheck } from '@costlane/ledger';
import type { Logger, Metrics } from '@costlane/platform';
import { problemsOf, renderCheck } from './render-check';

const MINUTE_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 20 * MINUTE_MS;

export interface CheckTaskDeps {
  ledger: Pick<Ledger, 'check'>;
  metrics: Metrics;
  logger: Logger;
}

/** Every night the whole ledger is gone through. What it finds is in the metrics of the instance that did it, and an error in the log where it does not add up. */
export function createCheckTask({ ledger, metrics, logger }: CheckTaskDeps): ScheduledTask {
  const show = createCheckGauges(metrics);
  return {
    name: 'ledger-check',
    schedule: { cron: '17 3 * * *', timeZone: 'UTC' },
    timeoutMs: STATEMENT_TIMEOUT_MS + MINUTE_MS,
    async run() {
      const check = await ledger.check({ timeoutMs: STATEMENT_TIMEOUT_MS });
      show(check);
      if (check.isBalanced) logger.info({ requests: check.requests }, 'the ledger adds up');
      else logger.error({ problems: problemsOf(check), check: renderCheck(check) }, 'the ledger does not add up');
    },
  };
}

/** Made with the first result: a gauge that was never set would read 0, as of a ledger that does not add up. */
function createCheckGauges(metrics: Metrics): (check: LedgerCheck) => void {
  let show: ((check: LedgerCheck) => void) | undefined;
  return (check) => {
    show ??= registerCheckGauges(metrics);
    show(check);
  };
}

function registerCheckGauges(metrics: Metrics): (check: LedgerCheck) => void {
  const balanced = metrics.gauge({
    name: 'costlane_ledger_check_balanced',
    help: '1: the last nightly check of the ledger found that it adds up; 0: it does not',
  });
  const difference = metrics.gauge({
    name: 'costlane_ledger_check_difference_nano_usd',
    help: 'Entries less records in the last nightly check of the ledger',
  });
  const days = metrics.gauge({
    name: 'costlane_ledger_check_differing_days',
    help: 'Days of tenants that differ from the records in the last nightly check of the ledger',
    labelNames: ['of'],
  });
  return ({ isBalanced, enteredNanoUsd, paidNanoUsd, entryDifferences, rollupDifferences }) => {
    balanced.set(isBalanced ? 1 : 0);
    difference.set(Number(enteredNanoUsd - paidNanoUsd));
    days.set({ of: 'entries' }, entryDifferences.count);
    days.set({ of: 'rollups' }, rollupDifferences.count);
  };
}
