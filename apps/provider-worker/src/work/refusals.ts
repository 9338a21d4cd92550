import type { Job, StreamNames } from '@costlane/contracts';
import { CostlaneError, type ErrorCode, type RoutingPolicy } from '@costlane/domain';
import type { Logger, Redis } from '@costlane/platform';
import { firstResult } from './first-result';
import { priceOf } from './price-of';
import { refuseJob, type FinishedRun } from './run-job';

/** A job that comes round more often than this kills its workers: it is put aside for people to look at. */
const MAX_DELIVERIES = 4;

export interface RefusalDeps {
  redis: Redis;
  names: StreamNames;
  logger: Logger;
  policy: () => RoutingPolicy | undefined;
  newAttempt: () => string;
  /** Nobody waits for the answer any more. */
  isUnwanted: boolean;
}

/** A job that must not be run, settled; undefined for one that is to be run. */
export async function refusalOf(job: Job, deliveries: number, deps: RefusalDeps): Promise<FinishedRun | undefined> {
  const { header } = job;
  const nowMs = Date.now();
  const refuse = (code: ErrorCode, message: string, delivered = 0): FinishedRun =>
    refuseJob(
      job,
      deps.newAttempt(),
      new CostlaneError(code, message),
      nowMs,
      priceOf(deps.policy(), header.model),
      delivered,
    );
  if (deps.isUnwanted) return refuse('cancelled', 'The client has gone.');
  if (header.deadlineAtMs <= nowMs)
    return refuse('deadline_exceeded', 'The deadline passed while the request was waiting.');
  if (deliveries > MAX_DELIVERIES) {
    await putAside(job, deps);
    return refuse('internal', 'This request ended its worker several times and was put aside.');
  }
  if (deliveries > 1 && header.stream) {
    const delivered = Number(await deps.redis.get(deps.names.progress(header.requestId)).catch(() => 0));
    if (delivered > 0)
      return refuse('stream_interrupted', 'The worker that streamed this answer is gone; please ask again.', delivered);
  }
  return header.idempotency ? firstResult(job, deps) : undefined;
}

async function putAside({ header }: Job, { redis, names, logger }: RefusalDeps): Promise<void> {
  // Nobody's words: neither the question nor the form that its answer has to have.
  const facts = { ...header, semantic: undefined, confidence: undefined };
  logger.error({ requestId: header.requestId, provider: header.provider }, 'a job was given up after its attempts');
  await redis
    .xadd(
      names.deadLetters,
      'MAXLEN',
      '~',
      10_000,
      '*',
      'request_id',
      header.requestId,
      'header',
      JSON.stringify(facts),
    )
    .catch(() => undefined);
}
