import type { SendOutcome } from '@costlane/jobs';
import type { JobTotals } from '@costlane/ledger';
import type { Metrics } from '@costlane/platform';

export interface JobMetrics {
  totals(totals: JobTotals): void;
  /** Items that ended, by state. */
  itemsEnded(state: string, count: number): void;
  /** What happened to a batch at a provider: `submitted`, `refused`, `over_budget`, `ended`, `cancelled`, `abandoned`. */
  batch(provider: string, event: string): void;
  webhook(outcome: SendOutcome): void;
}

/** What durable jobs are counted by. Never a tenant or a job. */
export function createJobMetrics(metrics: Metrics): JobMetrics {
  const open = metrics.gauge({ name: 'costlane_jobs_open', help: 'Durable jobs that have not ended, of all tenants' });
  const submitted = metrics.gauge({
    name: 'costlane_job_items_at_providers',
    help: 'Items of durable jobs that wait at providers’ Batch APIs',
  });
  const dead = metrics.gauge({
    name: 'costlane_job_items_dead',
    help: 'Items that used up their attempts and can be tried again by hand',
  });
  const items = metrics.counter({
    name: 'costlane_job_items_ended_total',
    help: 'Items of durable jobs that ended, by how',
    labelNames: ['outcome'],
  });
  const batches = metrics.counter({
    name: 'costlane_provider_batches_total',
    help: 'Batches at providers’ Batch APIs, by provider and what happened to them',
    labelNames: ['provider', 'event'],
  });
  const webhooks = metrics.counter({
    name: 'costlane_webhooks_total',
    help: 'Attempts at webhooks, by outcome',
    labelNames: ['outcome'],
  });
  return {
    totals({ openJobs, submittedItems, deadItems }) {
      open.set(openJobs);
      submitted.set(submittedItems);
      dead.set(deadItems);
    },
    itemsEnded: (state, count) => void (count > 0 && items.labels(state).inc(count)),
    batch: (provider, event) => batches.labels(provider, event).inc(),
    webhook: (outcome) => webhooks.labels(outcome.ok ? 'delivered' : outcome.isFinal ? 'refused' : 'failed').inc(),
  };
}
