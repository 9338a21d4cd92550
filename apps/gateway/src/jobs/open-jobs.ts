import { CostlaneError } from '@costlane/domain';
import { createBullmqQueue, jobQueueName, jobTask } from '@costlane/jobs';
import { createLedger, type JobRef } from '@costlane/ledger';
import type { Logger, Metrics, Shutdown } from '@costlane/platform';
import type { GatewayConfig } from '../config';
import { createJobService } from './create-job-service';
import type { JobService } from './job-service';

export interface OpenJobsDeps {
  config: GatewayConfig;
  logger: Logger;
  metrics: Pick<Metrics, 'fallback'>;
  shutdown: Pick<Shutdown, 'onClose' | 'onDrain'>;
}

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 1_500;

/**
 * The gateway's own way to durable jobs: a few connections to Postgres, opened with the first use, and a queue that is only told what to look
 * at. Doors of models need neither.
 */
export function openJobs({ config, logger, metrics, shutdown }: OpenJobsDeps): JobService {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = config;
  if (databaseUrl === undefined) return withoutDatabase();
  const ledger = createLedger({ databaseUrl, logger, poolSize: POOL_SIZE, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const queue = createBullmqQueue<JobRef>({ redisUrl, name: jobQueueName, logger });
  const jobs = createJobService({
    store: ledger.jobs,
    announce: (ref) => queue.enqueue([jobTask(ref)]),
    maxItems: config.JOB_MAX_ITEMS,
    webhookSigningSecret: config.WEBHOOK_SIGNING_SECRET,
    webhookRules: { allowedHosts: config.WEBHOOK_ALLOWED_HOSTS },
    onError: (error) => {
      metrics.fallback('job_left_to_sweep');
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a job was not seen to at once');
    },
  });
  // Who waits for a job is answered with how it stands.
  shutdown.onDrain('jobs', () => jobs.close());
  shutdown.onClose('jobs', async () => {
    await queue.close();
    await ledger.close();
  });
  return jobs;
}

function withoutDatabase(): JobService {
  const refuse = (): never => {
    throw new CostlaneError('unavailable', 'This gateway keeps no jobs: DATABASE_URL is not set.');
  };
  const reject = async (): Promise<never> => refuse();
  return {
    submit: reject,
    get: reject,
    wait: reject,
    list: reject,
    items: () => ({ [Symbol.asyncIterator]: () => ({ next: reject }) }),
    cancel: reject,
    retryDead: reject,
    webhookSecret: refuse,
  };
}
