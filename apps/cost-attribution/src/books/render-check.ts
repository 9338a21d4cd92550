import type { Differences, LedgerCheck } from '@costlane/ledger';

/** The check as it goes to operators: amounts as decimal strings of nano-dollars, and in `problems` what is wrong, in sentences. */
export const renderCheck = (check: LedgerCheck) => ({
  is_balanced: check.isBalanced,
  problems: problemsOf(check),
  requests: check.requests,
  unbalanced_rows: check.unbalancedRows,
  difference_nano_usd: check.differenceNanoUsd.toString(),
  paid_nano_usd: check.paidNanoUsd.toString(),
  entered_nano_usd: check.enteredNanoUsd.toString(),
  entry_differences: renderDifferences(check.entryDifferences),
  corrections: check.corrections,
  corrected_nano_usd: check.correctedNanoUsd.toString(),
  rollup_differences: renderDifferences(check.rollupDifferences),
  days_compared: check.daysCompared,
  days_waiting: check.daysWaiting,
  days_dropped: check.daysDropped,
  requests_charged_twice: check.requestsChargedTwice,
  duplicate_completions: check.duplicateCompletions,
  duplicate_paid_nano_usd: check.duplicatePaidNanoUsd.toString(),
  rejected_records: check.rejectedRecords,
  rows_in_default_partition: check.rowsInDefaultPartition,
  partitions_ahead: check.partitionsAhead,
});

const renderDifferences = ({ count, listed }: Differences) => ({
  count,
  listed: listed.map(({ tenantId, day, requests, expectedRequests, paidNanoUsd, expectedPaidNanoUsd }) => ({
    tenant_id: tenantId,
    day,
    requests,
    expected_requests: expectedRequests,
    paid_nano_usd: paidNanoUsd.toString(),
    expected_paid_nano_usd: expectedPaidNanoUsd.toString(),
    difference_nano_usd: (paidNanoUsd - expectedPaidNanoUsd).toString(),
  })),
});

/** What keeps the ledger from being balanced; empty where it is. */
export function problemsOf(check: LedgerCheck): string[] {
  const problems: [number, string][] = [
    [check.entryDifferences.count, 'days of tenants on which the entries are not what the records say'],
    [check.rollupDifferences.count, 'days of tenants on which the rollups are not what the records say'],
    [check.unbalancedRows, 'records whose savings are not their baseline less what was paid'],
    [check.requestsChargedTwice, 'requests that stand in the ledger more than once'],
    [check.rejectedRecords, 'records that were set aside (table rejected_completions)'],
  ];
  return problems.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}
