import { consumerGroups, encodePart, type Job, type StreamNames } from '@costlane/contracts';
import { CostlaneError, type RoutingPolicy } from '@costlane/domain';
import type { FinishedJob, ReceivedJob } from '@costlane/lanes';
import type { Logger, Redis, Tracing } from '@costlane/platform';
import type { ProviderAdapter } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { LRUCache } from 'lru-cache';
import type { Outbox } from '../outbox/outbox';
import type { Confidence } from '../confidence/create-confidence';
import type { CallProvider } from '../prefix/prefix-tier';
import { estimateCharacters } from './estimate-delivered';
import { firstResult, resultToKeep } from './first-result';
import { endCallSpan, startCallSpan, traceQueue } from './job-spans';
import { priceOf } from './price-of';
import { refuseJob, runJob, type FinishedRun } from './run-job';
import type { WorkerMetrics } from './worker-metrics';

/** A job that comes round more often than this kills its workers: it is put aside for people to look at. */
const MAX_DELIVERIES = 4;
/** Beyond so many parts under way to Redis the provider's streams pause. */
const BACKLOG_LIMIT = 5_000;
const PROGRESS_INTERVAL_MS = 100;
const PROGRESS_LIFETIME_SECONDS = 900;

interface Run {
  job: Job;
  cancellation: Cancellation;
  entry?: { stream: string; id: string };
  deliveredCharacters: number;
  hasNewProgress: boolean;
  resume: (() => void)[];
}

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
  private readonly running = new Map<string, Run>();
  private readonly finished = new LRUCache<string, true>({ max: 20_000, ttl: 600_000, ttlResolution: 1_000 });
  private readonly cancelled = new LRUCache<string, true>({ max: 20_000, ttl: 60_000, ttlResolution: 1_000 });
  private readonly progressTimer: NodeJS.Timeout;
  private attempts = 0;

  constructor(private readonly options: WorkerOptions) {
    this.progressTimer = setInterval(() => void this.writeProgress(), PROGRESS_INTERVAL_MS);
  }

  freePlaces(): number {
    return this.options.concurrency - this.running.size;
  }

  inFlight(): number {
    return this.running.size;
  }

  runningIds(): Iterable<string> {
    return this.running.keys();
  }

  /** Whether this worker has the request in hand; the answer of one that it finished lately is sent again, as it may be lost. */
  hasInHand(requestId: string): boolean {
    return this.running.has(requestId) || (this.finished.has(requestId) && this.options.outbox.resend(requestId));
  }

  /** Nobody waits for this request any more: its upstream call is aborted, or not made. */
  cancel(requestId: string): void {
    const run = this.running.get(requestId);
    if (run) run.cancellation.abort();
    else this.cancelled.set(requestId, true);
  }

  /** A job from a dispatch stream; may be one that is running or done already. */
  take({ job, entry, deliveries }: ReceivedJob): void {
    const { requestId } = job.header;
    const run = this.running.get(requestId);
    if (run) {
      run.entry ??= entry;
      // Published twice: the entry that came first stands for the request.
      if (run.entry.id !== entry.id || run.entry.stream !== entry.stream) void this.acknowledge(entry);
    } else if (this.finished.has(requestId)) void this.acknowledge(entry);
    else {
      this.start(job, entry, deliveries).catch((err: unknown) =>
        this.options.logger.error({ err, requestId }, 'a job failed inside the worker; it comes again'),
      );
    }
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
    const run = this.begin(job, undefined);
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
    while (this.running.size > 0 && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
    clearInterval(this.progressTimer);
  }

  private begin(job: Job, entry: Run['entry']): Run {
    const run: Run = {
      job,
      entry,
      cancellation: new Cancellation(),
      deliveredCharacters: 0,
      hasNewProgress: false,
      resume: [],
    };
    this.running.set(job.header.requestId, run);
    return run;
  }

  private async start(job: Job, entry: ReceivedJob['entry'], deliveries: number): Promise<void> {
    const run = this.begin(job, entry);
    const { replyTo } = job.header;
    const { outbox } = this.options;
    const refusal = await this.refusalOf(run, deliveries);
    if (refusal) traceQueue(this.options.tracing, job, Date.now(), refusal.record.errorCode);
    const finished =
      refusal ??
      (await this.perform(run, (field, value) => {
        outbox.part({ requestId: job.header.requestId, replyTo, field, value });
        return outbox.backlog() < BACKLOG_LIMIT;
      }));
    const reply = { requestId: job.header.requestId, replyTo, field: finished.field, value: finished.value };
    await this.end(run, finished, reply);
  }

  /** A job that must not be run, settled; undefined for one that is to be run. */
  private async refusalOf(run: Run, deliveries: number): Promise<FinishedRun | undefined> {
    const { job } = run;
    const { header } = job;
    const nowMs = Date.now();
    const refuse = (
      code: 'deadline_exceeded' | 'cancelled' | 'internal' | 'stream_interrupted',
      message: string,
      delivered = 0,
    ) =>
      refuseJob(
        job,
        this.newAttempt(),
        new CostlaneError(code, message),
        nowMs,
        priceOf(this.options.policy(), job.header.model),
        delivered,
      );
    if (this.cancelled.has(header.requestId)) return refuse('cancelled', 'The client has gone.');
    if (header.deadlineAtMs <= nowMs)
      return refuse('deadline_exceeded', 'The deadline passed while the request was waiting.');
    if (deliveries > MAX_DELIVERIES) {
      await this.putAside(run);
      return refuse('internal', 'This request ended its worker several times and was put aside.');
    }
    if (deliveries > 1 && header.stream) {
      const delivered = Number(
        await this.options.redis.get(this.options.names.progress(header.requestId)).catch(() => 0),
      );
      if (delivered > 0) {
        return refuse(
          'stream_interrupted',
          'The worker that streamed this answer is gone; please ask again.',
          delivered,
        );
      }
    }
    const { redis, names } = this.options;
    return header.idempotency ? firstResult(job, { redis, names, newAttempt: () => this.newAttempt() }) : undefined;
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
    const { requestId, idempotency, tenantId } = run.job.header;
    const { entry } = run;
    await this.options.outbox.finish({
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
    // An entry may have come over Redis for what was run over the degraded road, too late to be ended with it.
    if (run.entry && !entry) void this.acknowledge(run.entry);
    this.running.delete(requestId);
    this.finished.set(requestId, true);
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

  private async putAside(run: Run): Promise<void> {
    const { redis, names, logger } = this.options;
    const { header } = run.job;
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

  private async writeProgress(): Promise<void> {
    if (this.options.outbox.backlog() < BACKLOG_LIMIT / 2) this.resumeStreams();
    const moved = [...this.running.values()].filter((run) => run.hasNewProgress);
    if (moved.length === 0 || this.options.redis.status !== 'ready') return;
    const pipeline = this.options.redis.pipeline();
    for (const run of moved) {
      run.hasNewProgress = false;
      const key = this.options.names.progress(run.job.header.requestId);
      pipeline.set(key, String(run.deliveredCharacters), 'EX', PROGRESS_LIFETIME_SECONDS);
    }
    await pipeline.exec().catch(() => undefined);
  }

  private resumeStreams(): void {
    for (const run of this.running.values()) for (const resume of run.resume.splice(0)) resume();
  }

  private newAttempt(): string {
    return `${this.options.workerId}-${(this.attempts++).toString(36)}`;
  }
}
