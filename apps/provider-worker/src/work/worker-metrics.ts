import type { JobHeader } from '@costlane/contracts';
import type { ErrorCode } from '@costlane/domain';
import type { Metrics } from '@costlane/platform';
import type { ProviderOutcome } from '@costlane/providers';
import type { FinishedRun } from './run-job';

export interface WorkerMetrics {
  queueWait(header: JobHeader, startedAtMs: number): void;
  /** A provider was called, with its retries. */
  called(provider: string, outcome: Pick<ProviderOutcome, 'latencyMs' | 'upstreamCalls'>): void;
  finished(run: FinishedRun): void;
  doubled(): void;
  /** A request got its answer from another one's run. */
  shared(provider: string): void;
  /** Another model was asked because this happened. */
  fellBack(code: ErrorCode): void;
}

/** What a worker counts. Labels are provider and outcome only: model names come from clients and would grow without bound. */
export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  const queueWait = metrics.boundHistogram({
    name: 'costlane_queue_wait_latency_seconds',
    help: 'Time from the client to the start of the provider call',
    labelNames: ['provider'],
  });
  const upstream = metrics.boundHistogram({
    name: 'costlane_upstream_latency_seconds',
    help: 'Duration of provider calls, retries included',
    labelNames: ['provider'],
  });
  const jobs = metrics.boundCounter({
    name: 'costlane_worker_jobs_total',
    help: 'Jobs by provider and outcome (ok or an error code)',
    labelNames: ['provider', 'outcome'],
  });
  const assumptions = metrics.counter({
    name: 'costlane_price_assumptions_total',
    help: 'Costs for which a price did not say something that was taken to be so, by what',
    labelNames: ['assumption'],
  });
  const calls = metrics.boundCounter({
    name: 'costlane_upstream_calls_total',
    help: 'Requests sent to providers, retries included',
    labelNames: ['provider'],
  });
  const doubledJobs = metrics.counter({
    name: 'costlane_worker_doubled_jobs_total',
    help: 'Jobs that two workers ran: the second run was neither answered nor charged',
  });
  const sharedRequests = metrics.counter({
    name: 'costlane_worker_coalesced_requests_total',
    help: 'Requests that were served by the provider call of another one',
    labelNames: ['provider'],
  });
  const fallbacks = metrics.counter({
    name: 'costlane_worker_model_fallbacks_total',
    help: 'Models that were asked after another one had failed, by what it failed with',
    labelNames: ['reason'],
  });
  const bound = new Map<string, ReturnType<typeof bind>>();
  const bind = (provider: string) => ({
    wait: queueWait.with({ provider }),
    upstream: upstream.with({ provider }),
    calls: calls.with({ provider }),
    ok: jobs.with({ provider, outcome: 'ok' }),
  });
  const boundTo = (provider: string) => {
    let labels = bound.get(provider);
    if (!labels) bound.set(provider, (labels = bind(provider)));
    return labels;
  };
  return {
    queueWait: (header, startedAtMs) =>
      boundTo(header.provider).wait.observe(Math.max(0, startedAtMs - header.createdAtMs) / 1000),
    called(provider, { latencyMs, upstreamCalls }) {
      const labels = boundTo(provider);
      labels.upstream.observe(latencyMs / 1000);
      labels.calls.inc(upstreamCalls);
    },
    finished({ reply: { provider, errorCode }, record: { priceAssumptions } }) {
      for (const assumption of priceAssumptions ?? []) assumptions.labels(assumption).inc();
      if (errorCode) jobs.with({ provider, outcome: errorCode }).inc();
      else boundTo(provider).ok.inc();
    },
    doubled: () => doubledJobs.inc(),
    shared: (provider) => sharedRequests.labels(provider).inc(),
    fellBack(code) {
      metrics.fallback('model_fallback');
      fallbacks.labels(code).inc();
    },
  };
}
