import { latencyBucketsSeconds, type Metrics } from '@costlane/platform';
import type { RecordOutcome } from '@costlane/ledger';

/** How far the ledger is behind the completions stream. */
export interface IngestLag {
  /** Entries not read yet, and read but not acknowledged. */
  unreadEntries: number;
  pendingEntries: number;
  /** Since the oldest of them was written; 0 when there is none. */
  ageSeconds: number;
  streamEntries: number;
}

export interface IngestMetrics {
  recorded(outcome: RecordOutcome, seconds: number): void;
  failed(): void;
  unreadable(): void;
  lag(lag: IngestLag): void;
  trimmed(entries: number): void;
}

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const records = metrics.counter({
    name: 'costlane_ledger_records_total',
    help: 'Completion records by what became of them',
    labelNames: ['result'],
  });
  const doubled = metrics.counter({
    name: 'costlane_duplicate_upstream_total',
    help: 'Requests that a provider was paid for again, at the expense of the operator',
  });
  const failures = metrics.counter({
    name: 'costlane_ledger_batch_failures_total',
    help: 'Batches that Postgres did not take and that are tried again',
  });
  const batchSeconds = metrics.histogram({
    name: 'costlane_ledger_batch_latency_seconds',
    help: 'Time to put a batch of completions on record',
    buckets: latencyBucketsSeconds,
  });
  const trimmed = metrics.counter({
    name: 'costlane_completions_trimmed_total',
    help: 'Entries taken off the completions stream once every group was through with them',
  });
  for (const result of ['inserted', 'duplicate', 'doubled_upstream', 'rejected', 'unreadable'])
    records.inc({ result }, 0);
  const showLag = createLagGauges(metrics);
  return {
    recorded(outcome, seconds) {
      records.inc({ result: 'inserted' }, outcome.inserted);
      records.inc({ result: 'duplicate' }, outcome.duplicates);
      records.inc({ result: 'doubled_upstream' }, outcome.doubledUpstream);
      records.inc({ result: 'rejected' }, outcome.rejected);
      doubled.inc(outcome.doubledUpstream);
      batchSeconds.observe(seconds);
    },
    failed: () => failures.inc(),
    unreadable: () => records.inc({ result: 'unreadable' }),
    lag: showLag,
    trimmed: (entries) => trimmed.inc(entries),
  };
}

function createLagGauges(metrics: Metrics): (lag: IngestLag) => void {
  const depth = metrics.gauge({
    name: 'costlane_completions_queue_depth',
    help: 'Entries of the completions stream that are not on record yet',
    labelNames: ['state'],
  });
  const age = metrics.gauge({
    name: 'costlane_ingest_lag_seconds',
    help: 'Age of the oldest entry that is not on record yet',
  });
  const length = metrics.gauge({
    name: 'costlane_completions_stream_entries',
    help: 'Entries in the completions stream, those that wait to be trimmed included',
  });
  return (lag) => {
    depth.set({ state: 'unread' }, lag.unreadEntries);
    depth.set({ state: 'pending' }, lag.pendingEntries);
    age.set(lag.ageSeconds);
    length.set(lag.streamEntries);
  };
}
