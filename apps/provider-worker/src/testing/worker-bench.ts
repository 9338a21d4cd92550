import { consumerGroups, type JobHeader } from '@costlane/contracts';
import { CostlaneError, createPolicy, type PolicyModel, type RoutingPolicy } from '@costlane/domain';
import type { FinishedJob, ReplyItem } from '@costlane/lanes';
import { createMetrics, createTracing, type Redis } from '@costlane/platform';
import { sampleJob, type SpecShard } from '@costlane/testing';
import type { Outbox } from '../outbox/outbox';
import { Worker, type WorkerOptions } from '../work/worker';
import { createWorkerMetrics } from '../work/worker-metrics';
import { failure, fakeAdapter, samplePrice, success, type FakeCall } from './fakes';

export const sampleModel: PolicyModel = {
  name: 'm',
  provider: 'mock',
  upstreamModel: 'm',
  isEnabled: true,
  price: samplePrice,
  tier: 'standard',
  isBreakerOpen: false,
  contextTokens: 0,
  maxOutputTokens: 0,
};

const policyOf = (models: PolicyModel[]): RoutingPolicy => createPolicy({ version: '1', defaultModel: 'm', models });

/** An outbox that keeps what it is given. */
export function fakeOutbox() {
  const parts: ReplyItem[] = [];
  const finished: FinishedJob[] = [];
  const outbox: Outbox = {
    part: (part) => void parts.push(part),
    finish: async (job) => void finished.push(job),
    resend: (requestId) => finished.some(({ record }) => record.requestId === requestId),
    backlog: () => 0,
    owed: () => 0,
    redisIsBack: () => undefined,
    redisIsGone: () => undefined,
    drain: () => Promise.resolve(),
  };
  return { outbox, parts, finished };
}

/** A provider call that ends when the test says so, or when it is aborted. */
export function heldCall() {
  let release: () => void = () => undefined;
  const call: FakeCall = ({ signal }) =>
    new Promise((resolve) => {
      release = () => resolve(success());
      const aborted = () => resolve(failure({ error: new CostlaneError('cancelled', 'The client has gone.') }));
      if (signal.aborted) aborted();
      else signal.addEventListener('abort', aborted);
    });
  return { call, release: () => release() };
}

export type WorkerBench = ReturnType<typeof createWorkerBench>;

/** Workers on a real Redis whose provider calls a test decides, and the jobs that they get. */
export function createWorkerBench(shard: SpecShard, redis: Redis) {
  const workers: Worker[] = [];
  return {
    workerWith(call: FakeCall, concurrency = 10, models = [sampleModel], options: Partial<WorkerOptions> = {}) {
      const { adapter, asked } = fakeAdapter(call);
      const out = fakeOutbox();
      const metrics = createMetrics({ service: 'spec' });
      const worker = new Worker({
        workerId: 'w1',
        concurrency,
        idempotencyTtlSeconds: 60,
        redis,
        names: shard.names,
        adapters: new Map([['mock', adapter]]),
        policy: () => policyOf(models),
        outbox: out.outbox,
        metrics: createWorkerMetrics(metrics),
        tracing: createTracing({ service: 'spec', isEnabled: false, sampleRatio: 0, logger: shard.logger }),
        logger: shard.logger,
        onPlaceFree: () => undefined,
        ...options,
      });
      workers.push(worker);
      return { worker, asked, metrics, ...out };
    },
    /** Puts a job into the dispatch stream and reads it as this worker does. */
    async dispatched(header: Partial<JobHeader> = {}, deliveries = 1) {
      const stream = shard.names.dispatch('mock');
      await redis.xgroup('CREATE', stream, consumerGroups.dispatch, '0', 'MKSTREAM').catch(() => undefined);
      const id = String(await redis.xadd(stream, '*', 'payload', 'not read here'));
      await redis.xreadgroup('GROUP', consumerGroups.dispatch, 'w1', 'COUNT', 1, 'STREAMS', stream, '>');
      return { job: sampleJob(header), entry: { stream, id }, deliveries };
    },
    async end(): Promise<void> {
      for (const worker of workers.splice(0)) await worker.drain(1_000);
    },
  };
}
