import type { StreamNames } from '@costlane/contracts';
import {
  createBatchRunner,
  createBullmqQueue,
  deliverWebhooks,
  jobQueueName,
  tenantWebhookSecret,
  type BatchLane,
  type OwnerWatch,
} from '@costlane/jobs';
import { createItemReplies, startHeartbeat, type FinishedJob } from '@costlane/lanes';
import { createLedger, type BudgetStore, type JobRef, type Ledger } from '@costlane/ledger';
import type { HealthRegistry, Logger, Metrics, Redis, Shutdown } from '@costlane/platform';
import type { WorkerConfig } from '../config';
import type { AskItem } from './ask-item';
import { countedStore } from './counted-store';
import { every } from './every';
import { createExecuteItem } from './execute-item';
import { createJobMetrics, type JobMetrics } from './job-metrics';
import { createRunnerWatch } from './runner-watch';
import { waitUntilReady } from './wait-until-ready';

export interface JobRunnerDeps {
  config: WorkerConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
  names: StreamNames;
  /** Opens a connection of the runner's own. */
  connect: (name: string, options?: { blocking?: boolean; commandTimeoutMs?: number }) => Redis;
  runnerId: string;
  /** Puts a record on its way to the ledger; resolves when it cannot be lost any more. */
  finish: (job: FinishedJob) => Promise<void>;
  /** Where the queue's keys are; default where gateways look. */
  queuePrefix?: string;
  /** Makes the lane to providers' Batch APIs; absent: every item is a call of its own. */
  createLane?: (deps: {
    ask: AskItem;
    metrics: JobMetrics;
    budgets: BudgetStore;
  }) => BatchLane & { close(): Promise<void> };
}

/** One asking of an item by an ordinary call; a gateway gives a single attempt no longer. */
const ITEM_TIMEOUT_MS = 15 * 60_000;
/** Calls under way at a shutdown have so long; the process has 30 s altogether. */
const DRAIN_MS = 15_000;
const WEBHOOK_INTERVAL_MS = 5_000;
const TOTALS_INTERVAL_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Half-made jobs are given up after this. */
const UNSEALED_MS = 2 * HOUR_MS;
const MAX_POOL = 10;
/** A job whose worker was killed is taken up by another one after these two at the latest. Two turns at a job at a time are no harm. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;

/**
 * Runs durable jobs in this process: their truth is in Postgres, their requests go through gateways. Waits for Postgres and its tables, and
 * goes on when either it or Redis was away. Does nothing where no `DATABASE_URL` is set.
 */
export function startJobRunner(deps: JobRunnerDeps): void {
  const { config, logger, health, shutdown, names, connect, runnerId } = deps;
  const { DATABASE_URL: databaseUrl } = config;
  if (databaseUrl === undefined) {
    logger.info('DATABASE_URL is not set: durable jobs are not run here');
    return;
  }
  const metrics = createJobMetrics(deps.metrics);
  const poolSize = Math.min(MAX_POOL, config.JOB_CONCURRENCY + 2);
  const ledger = createLedger({ databaseUrl, logger, poolSize });
  const redis = connect('items', { commandTimeoutMs: 5_000 });
  const blockingRedis = connect('item-replies', { blocking: true });
  const replies = createItemReplies({ redis, blockingRedis, names, runnerId, logger });
  replies.start();
  const state = () => ({ concurrency: config.JOB_CONCURRENCY, inFlight: replies.waiting() });
  const heartbeat = startHeartbeat({ redis, names, consumer: runnerId, logger, state });
  const owners = createRunnerWatch({ redis, names, runnerId });
  const lane = deps.createLane?.({ ask: replies.ask, metrics, budgets: ledger.budgets });
  const ending = new AbortController();
  let running: { close(): Promise<void> } | undefined;
  const started = waitUntilReady(() => ledger.jobs.isReady(), {
    signal: ending.signal,
    onWait: (reason) => logger.warn({ reason }, 'durable jobs wait for Postgres'),
  }).then((isReady) => {
    if (!isReady) return;
    running = runJobs(deps, { ledger, ask: replies.ask, lane, owners, metrics });
    logger.info('durable jobs are run here');
  });
  health.register('durable_jobs', () => ({ ok: running !== undefined, detail: 'waiting for Postgres' }), {
    isCritical: false,
  });
  shutdown.onDrain('durable jobs', async () => {
    ending.abort();
    await started;
    await running?.close();
  });
  shutdown.onClose('durable jobs', async () => {
    await replies.stop();
    await heartbeat.stop();
    redis.disconnect();
    blockingRedis.disconnect();
    await lane?.close();
    await ledger.close();
  });
}

interface RunParts {
  ledger: Ledger;
  ask: AskItem;
  lane: BatchLane | undefined;
  owners: OwnerWatch;
  metrics: JobMetrics;
}

function runJobs(
  { config, logger, finish, queuePrefix: prefix }: JobRunnerDeps,
  { ledger, ask, lane, owners, metrics }: RunParts,
): { close(): Promise<void> } {
  const store = ledger.jobs;
  const onError = reporter(logger);
  const queue = createBullmqQueue<JobRef>({
    redisUrl: config.REDIS_URL,
    name: jobQueueName,
    logger,
    prefix,
    lockMs: LOCK_MS,
    stalledCheckMs: STALLED_CHECK_MS,
  });
  const { WEBHOOK_SIGNING_SECRET: signingSecret, WEBHOOK_ALLOWED_HOSTS: allowedHosts } = config;
  const webhooks = every(
    WEBHOOK_INTERVAL_MS,
    () =>
      deliverWebhooks({
        store,
        secretOf: async (tenantId) => signingSecret && tenantWebhookSecret(signingSecret, tenantId),
        allowedHosts,
        onOutcome: (outcome) => metrics.webhook(outcome),
      }),
    onError,
  );
  const runner = createBatchRunner({
    store: countedStore(store, metrics),
    queue,
    logger,
    lane,
    owners,
    execute: createExecuteItem({ ask, finish, timeoutMs: ITEM_TIMEOUT_MS, drainMs: DRAIN_MS }),
    limits: { concurrency: config.JOB_ITEM_CONCURRENCY },
    onEnded: () => webhooks.soon(),
  });
  const worker = runner.start({ concurrency: config.JOB_CONCURRENCY });
  const totals = every(TOTALS_INTERVAL_MS, async () => metrics.totals(await store.totals()), onError);
  const retention = every(HOUR_MS, () => deleteOld(ledger, config.JOB_RETENTION_DAYS), onError);
  return {
    async close() {
      await worker.close();
      await Promise.all([webhooks, totals, retention].map((each) => each.stop()));
      await queue.close();
    },
  };
}

async function deleteOld(ledger: Ledger, retentionDays: number): Promise<void> {
  const nowMs = Date.now();
  const finishedBeforeMs = nowMs - retentionDays * DAY_MS;
  await ledger.jobs.deleteOld({ finishedBeforeMs, unsealedBeforeMs: nowMs - UNSEALED_MS });
  await ledger.openAiBatches.deleteOld({ endedBeforeMs: finishedBeforeMs });
  await ledger.files.deleteOld({ abandonedBeforeMs: nowMs - HOUR_MS });
}

/** What goes wrong every few seconds while Postgres is away is said once a minute. */
function reporter(logger: Logger): (error: unknown) => void {
  let silentUntilMs = 0;
  return (error) => {
    if (Date.now() < silentUntilMs) return;
    silentUntilMs = Date.now() + 60_000;
    logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'housekeeping of jobs failed');
  };
}
