import { consumerGroups, encodePart, type Job, type JobHeader, type StreamNames } from '@costlane/contracts';
import { CostlaneError, type RoutingPolicy } from '@costlane/domain';
import type { FinishedJob, ReceivedJob } from '@costlane/lanes';
import type { Logger, Redis, Tracing } from '@costlane/platform';
import type { ProviderAdapter } from '@costlane/providers';
import { LRUCache } from 'lru-cache';
import type { Outbox } from '../outbox/outbox';
import type { Confidence } from '../confidence/create-confidence';
import type { CallProvider } from '../prefix/prefix-tier';
import { estimateCharacters } from './estimate-delivered';
import { resultToKeep } from './first-result';
import { endCallSpan, startCallSpan, traceQueue } from './job-spans';
import { priceOf } from './price-of';
import { refusalOf, type RefusalDeps } from './refusals';
import { membersOf, newRun, requestsOf, RunTable, type Run } from './run';
import { runJob, type FinishedRun } from './run-job';
import { backlogLimit, watchProgress } from './run-progress';
import { settleFollowers } from './settle-followers';
import type { WorkerMetrics } from './worker-metrics';

export interface WorkerOptions {
  workerId: string;
  concurrency: number;
  idempotencyTtlSeconds: number;
  redis: Redis;
  names: StreamNames;
  adapters: ReadonlyMap<string, ProviderAdapter>;
  policy: () => RoutingPolicy | undefined;
  outbox: Outbox;
  metrics: WorkerMetrics;
  tracing: Tracing;
  logger: Logger;
  onPlaceFree: () => void;
  callProvider?: CallProvider;
  /** Absent: answers are given as they are. */
  confidence?: Confidence;
}

/** Runs jobs, from the dispatch streams and from gateways that cannot reach them, each at most once at a time. */
export class Worker {
  private readonly runs = new RunTable();
  private readonly finished = new LRUCache<string, true>({ max: 20_000, ttl: 600_000, ttlResolution: 1_000 });
  private readonly cancelled = new LRUCache<string, true>({ max: 20_000, ttl: 60_000, ttlResolution: 1_000 });
  private readonly progress: { stop(): void };
  private attempts = 0;

  constructor(private readonly options: WorkerOptions) {
    const { redis, names, outbox } = options;
    this.progress = watchProgress({ redis, names, runs: () => this.runs.all(), backlog: () => outbox.backlog() });
  }

  freePlaces(): number {
    return this.options.concurrency - this.runs.size;
  }

  inFlight(): number {
    return this.runs.size;
  }

  /** Whether this worker has the request in hand; the answer of one that it finished lately is sent again, as it may be lost. */
  hasInHand(requestId: string): boolean {
    return (
      this.runs.of(requestId) !== undefined || (this.finished.has(requestId) && this.options.outbox.resend(requestId))
    );
  }

  /** Nobody waits for this request any more: its upstream call is aborted, or not made, unless others wait for the same answer. */
  cancel(requestId: string): void {
    const run = this.runs.of(requestId);
    if (!run) this.cancelled.set(requestId, true);
    else if (run.wantedBy.delete(requestId) && run.wantedBy.size === 0) run.cancellation.abort();
  }

  /** A job from a dispatch stream; may be one that is running or done already. */
  take({ job, entry, deliveries }: ReceivedJob): void {
    const { requestId } = job.header;
    const members = membersOf(job.header);
    const fresh = members.filter((member) => !this.runs.of(member.requestId) && !this.finished.has(member.requestId));
    if (fresh.length === 0) return this.takeAgain(members, entry);
    this.start(this.begin(job, fresh, entry), deliveries).catch((err: unknown) =>
      this.options.logger.error({ err, requestId }, 'a job failed inside the worker; it comes again'),
    );
  }

  private takeAgain(members: readonly JobHeader[], entry: ReceivedJob['entry']): void {
    const run = members.map(({ requestId }) => this.runs.of(requestId)).find((known) => known !== undefined);
    if (run) run.entry ??= entry;
    // Published twice: the entry that came first stands for the request.
    if (run?.entry?.id !== entry.id || run.entry.stream !== entry.stream) void this.acknowledge(entry);
  }

  /** A job over the degraded road: its parts go to `emit`, the last one is the result. */
  async execute(job: Job, emit: (part: Buffer) => void): Promise<Buffer> {
    const { requestId } = job.header;
    if (this.hasInHand(requestId)) {
      // Its answer is on its way, or has just been sent once more.
      throw new CostlaneError('unavailable', 'This request is already being worked on.');
    }
    if (this.freePlaces() <= 0)
      throw new CostlaneError('overloaded', 'The worker has no free place.', { retryAfterMs: 1_000 });
    const run = this.begin(job, membersOf(job.header), undefined);
    const finished = await this.perform(run, (field, value) => (emit(encodePart(field, value)), true));
    // The caller came this way because Redis is slow or away: it does not wait for the record to be taken.
    this.end(run, finished, undefined).catch((err: unknown) =>
      this.options.logger.error({ err, requestId }, 'ending a job failed'),
    );
    return encodePart(finished.field, finished.value);
  }

  /** Waits for what runs, at most so long. */
  async drain(timeoutMs: number): Promise<void> {
    const endMs = Date.now() + timeoutMs;
    while (this.runs.size > 0 && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
    this.progress.stop();
  }

  private begin(job: Job, members: readonly JobHeader[], entry: Run['entry']): Run {
    const isCancelled = (requestId: string): boolean => this.cancelled.has(requestId);
    const run = newRun(job, members, entry, { isCancelled, nowMs: Date.now() });
    this.runs.add(run);
    return run;
  }

  private async start(run: Run, deliveries: number): Promise<void> {
    const { job } = run;
    const { replyTo } = job.header;
    const { outbox } = this.options;
    const refusal = await refusalOf(job, deliveries, this.refusalDeps(run));
    if (refusal) traceQueue(this.options.tracing, job, Date.now(), refusal.record.errorCode);
    const finished =
      refusal ??
      (await this.perform(run, (field, value) => {
        outbox.part({ requestId: job.header.requestId, replyTo, field, value });
        return outbox.backlog() < backlogLimit;
      }));
    const reply = { requestId: job.header.requestId, replyTo, field: finished.field, value: finished.value };
    await this.end(run, finished, reply);
  }

  private async perform(run: Run, emit: (field: string, value: Buffer) => boolean): Promise<FinishedRun> {
    const { job } = run;
    const { adapters, metrics } = this.options;
    const startedAtMs = Date.now();
    metrics.queueWait(job.header, startedAtMs);
    const span = startCallSpan(this.options.tracing, job, startedAtMs);
    const finished = await runJob(job, {
      traceparent: span?.traceparent,
      attempt: this.newAttempt(),
      adapter: adapters.get(job.header.provider),
      callProvider: this.options.callProvider,
      price: priceOf(this.options.policy(), job.header.model),
      baselinePrice:
        job.header.baselineModel === undefined ? undefined : priceOf(this.options.policy(), job.header.baselineModel),
      meansOf: ({ provider, model }) => ({
        adapter: adapters.get(provider),
        price: priceOf(this.options.policy(), model),
      }),
      confidence: this.options.confidence,
      onCall: ({ provider }, outcome) => metrics.called(provider, outcome),
      onFallback: (code) => metrics.fellBack(code),
      signal: run.cancellation,
      emit: (kind, field, value) => {
        if (kind === 'c') {
          run.deliveredCharacters += estimateCharacters(value);
          run.hasNewProgress = true;
        }
        return emit(field, value);
      },
      onResume: (callback) => void run.resume.push(callback),
      now: Date.now,
    });
    metrics.finished(finished);
    if (span) endCallSpan(span, finished);
    return finished;
  }

  private async end(run: Run, finished: FinishedRun, reply: FinishedJob['reply']): Promise<void> {
    const { idempotency, tenantId } = run.job.header;
    const { entry } = run;
    const { outbox, metrics } = this.options;
    // In one tick, and so in one step, with the acknowledgement last: whatever is lost in between comes again as a whole.
    const shared = settleFollowers(run, finished, Date.now()).map((follower) => {
      metrics.shared(run.job.header.provider);
      return outbox.finish(follower);
    });
    const own = outbox.finish({
      entry,
      reply,
      record: finished.record,
      fill: finished.fill,
      body: finished.body,
      // A result that was given again stays kept as it is.
      keepAs:
        idempotency && !finished.isRepeat
          ? {
              key: this.options.names.idempotency(tenantId, idempotency.keyHash),
              ...resultToKeep(run.job, finished, this.options.idempotencyTtlSeconds),
            }
          : undefined,
    });
    await Promise.all([...shared, own]);
    // An entry may have come over Redis for what was run over the degraded road, too late to be ended with it.
    if (run.entry && !entry) void this.acknowledge(run.entry);
    this.runs.remove(run);
    for (const requestId of requestsOf(run)) this.finished.set(requestId, true);
    this.options.onPlaceFree();
  }

  private async acknowledge({ stream, id }: NonNullable<Run['entry']>): Promise<void> {
    const { redis } = this.options;
    await redis
      .multi()
      .xack(stream, consumerGroups.dispatch, id)
      .xdel(stream, id)
      .exec()
      .catch(() => undefined);
  }

  private refusalDeps({ wantedBy }: Run): RefusalDeps {
    const { redis, names, logger, policy } = this.options;
    return { redis, names, logger, policy, isUnwanted: wantedBy.size === 0, newAttempt: () => this.newAttempt() };
  }

  private newAttempt(): string {
    return `${this.options.workerId}-${(this.attempts++).toString(36)}`;
  }
}
