import type { JobHeader } from '@costlane/contracts';
import type { Metrics } from '@costlane/platform';
import type { FinishedRun } from './run-job';

export interface WorkerMetrics {
  queueWait(header: JobHeader, startedAtMs: number): void;
  finished(header: JobHeader, run: FinishedRun): void;
  doubled(): void;
}

/** What a worker counts. Labels are provider and outcome only: model names come from clients and would grow without bound. */
export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  const queueWait = metrics.histogram({
    name: 'costlane_queue_wait_latency_seconds',
    help: 'Time from the client to the start of the provider call',
    labelNames: ['provider'],
  });
  const upstream = metrics.histogram({
    name: 'costlane_upstream_latency_seconds',
    help: 'Duration of provider calls, retries included',
    labelNames: ['provider'],
  });
  const jobs = metrics.counter({
    name: 'costlane_worker_jobs_total',
    help: 'Jobs by provider and outcome (ok or an error code)',
    labelNames: ['provider', 'outcome'],
  });
  const calls = metrics.counter({
    name: 'costlane_upstream_calls_total',
    help: 'Requests sent to providers, retries included',
    labelNames: ['provider'],
  });
  const doubledJobs = metrics.counter({
    name: 'costlane_worker_doubled_jobs_total',
    help: 'Jobs that two workers ran: the second run was neither answered nor charged',
  });
  const bound = new Map<string, ReturnType<typeof bind>>();
  const bind = (provider: string) => ({
    wait: queueWait.labels(provider),
    upstream: upstream.labels(provider),
    calls: calls.labels(provider),
    ok: jobs.labels(provider, 'ok'),
  });
  const boundTo = (provider: string) => {
    let labels = bound.get(provider);
    if (!labels) bound.set(provider, (labels = bind(provider)));
    return labels;
  };
  return {
    queueWait: (header, startedAtMs) =>
      boundTo(header.provider).wait.observe(Math.max(0, startedAtMs - header.createdAtMs) / 1000),
    finished(header, { reply }) {
      const labels = boundTo(header.provider);
      labels.upstream.observe(reply.upstreamLatencyMs / 1000);
      labels.calls.inc(reply.upstreamCalls);
      if (reply.errorCode) jobs.labels(header.provider, reply.errorCode).inc();
      else labels.ok.inc();
    },
    doubled: () => doubledJobs.inc(),
  };
}
