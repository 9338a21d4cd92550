import { CostlaneError } from '@costlane/domain';
import { createBullmqQueue, jobQueueName, jobTask } from '@costlane/jobs';
import type { JobRef, Ledger } from '@costlane/ledger';
import type { Logger, Metrics, Shutdown } from '@costlane/platform';
import type { GatewayConfig } from '../config';
import { createJobService } from './create-job-service';
import type { JobService } from './job-service';

export interface OpenJobsDeps {
  config: GatewayConfig;
  /** Undefined: no jobs are kept. */
  ledger: Ledger | undefined;
  logger: Logger;
  metrics: Pick<Metrics, 'fallback'>;
  shutdown: Pick<Shutdown, 'onClose' | 'onDrain'>;
}

/** The gateway's own way to durable jobs: the ledger keeps them, and a queue is told what to look at. */
export function openJobs({ config, ledger, logger, metrics, shutdown }: OpenJobsDeps): JobService {
  if (ledger === undefined) return noJobs();
  const queue = createBullmqQueue<JobRef>({ redisUrl: config.REDIS_URL, name: jobQueueName, logger });
  const jobs = createJobService({
    store: ledger.jobs,
    announce: (ref) => queue.enqueue([jobTask(ref)]),
    maxItems: config.JOB_MAX_ITEMS,
    maxOpenJobs: config.JOB_TENANT_MAX_OPEN || undefined,
    webhookSigningSecret: config.WEBHOOK_SIGNING_SECRET,
    webhookRules: { allowedHosts: config.WEBHOOK_ALLOWED_HOSTS },
    onError: (error) => {
      metrics.fallback('job_left_to_sweep');
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a job was not seen to at once');
    },
  });
  // Who waits for a job is answered with how it stands.
  shutdown.onDrain('jobs', () => jobs.close());
  shutdown.onClose('jobs', () => queue.close());
  return jobs;
}

/** Refuses everything, saying which setting is missing. */
export function noJobs(): JobService {
  const refuse = (): never => {
    throw new CostlaneError('unavailable', 'This gateway keeps no jobs: DATABASE_URL is not set.');
  };
  const reject = async (): Promise<never> => refuse();
  return {
    submit: reject,
    requireRoom: reject,
    get: reject,
    wait: reject,
    list: reject,
    items: () => ({ [Symbol.asyncIterator]: () => ({ next: reject }) }),
    cancel: reject,
    retryDead: reject,
    webhookSecret: refuse,
  };
}
