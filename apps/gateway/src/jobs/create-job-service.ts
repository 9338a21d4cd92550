import { CostlaneError } from '@costlane/domain';
import { checkWebhookUrl, tenantWebhookSecret, type AddressRules } from '@costlane/jobs';
import type { BatchJob, JobKind, JobRef, JobStore, StoredItem } from '@costlane/ledger';
import { atDatabase } from './at-database';
import type { ItemFilter, JobService, SubmittedRequest, Submission, WaitOptions } from './job-service';
import { createJobWatch, noSuchJob, type JobWatch, type JobWatchOptions } from './job-watch';
import { takeIn } from './take-in';
import { createHandInLimit, createTurnstile } from './write-items';

export interface JobServiceOptions {
  store: JobStore;
  /** Tells the runners. When it fails that is no loss: they look for themselves now and then. */
  announce: (ref: JobRef) => Promise<void>;
  /** Of one job. */
  maxItems: number;
  /** Jobs of one tenant that have not ended; those handed in at the same moment may go a few beyond it. Default: any number. */
  maxOpenJobs?: number;
  /** Absent: webhooks cannot be signed, and none are taken. */
  webhookSigningSecret?: string;
  webhookRules?: AddressRules;
  watch?: Partial<JobWatchOptions>;
  now?: () => number;
  onError?: (error: unknown) => void;
}

/** Jobs in Postgres. `close` lets everyone go who waits. */
export function createJobService(options: JobServiceOptions): JobService & { close(): void } {
  return new StoredJobs(options);
}

const ID = /^[A-Za-z0-9_.~:-]{1,128}$/;
const DEFAULT_WINDOW_MS = 86_400_000;
const PAGE_ITEMS = 1_000;
/** Fewer than there are connections: those who ask need some. */
const WRITERS = 2;
/** Being handed in at a time, each with a chunk in memory. */
const MAX_HAND_INS = 128;
const PAGE_BYTES = 2 * 1024 * 1024;
const FULL_RETRY_AFTER_MS = 30_000;

class StoredJobs implements JobService {
  private readonly watch: JobWatch;
  private readonly turnstile = createTurnstile(WRITERS);
  private readonly limit = createHandInLimit(MAX_HAND_INS);

  constructor(private readonly options: JobServiceOptions) {
    this.watch = createJobWatch({ store: options.store, ...options.watch });
  }

  async submit(
    submission: Submission,
    requests: AsyncIterable<SubmittedRequest> | Iterable<SubmittedRequest>,
  ): Promise<BatchJob> {
    const { store, maxItems, now = Date.now, onError = () => undefined } = this.options;
    if (submission.webhookUrl !== undefined) this.checkWebhook(submission.webhookUrl);
    const { tenantId, kind } = submission;
    const requireRoom = async (): Promise<void> => {
      if (kind !== 'openai_batch') await this.requireRoom(tenantId);
    };
    const deps = { store, maxItems, turnstile: this.turnstile, now, requireRoom, onDiscardFailed: onError };
    const job = await this.limit(tenantId, () => takeIn(deps, submission, requests));
    if (job.finishedAtMs === undefined) this.announce(job);
    return job;
  }

  async requireRoom(tenantId: string): Promise<void> {
    const { store, maxOpenJobs } = this.options;
    if (maxOpenJobs === undefined) return;
    if ((await atDatabase(store.open(tenantId, maxOpenJobs))) >= maxOpenJobs) throw tooManyOpen(maxOpenJobs);
  }

  async get(tenantId: string, jobId: string): Promise<BatchJob> {
    const job = ID.test(jobId) ? await atDatabase(this.options.store.get({ tenantId, jobId })) : undefined;
    return accepted(job);
  }

  async wait(tenantId: string, jobId: string, options: WaitOptions): Promise<BatchJob> {
    return this.watch.wait(await this.get(tenantId, jobId), options);
  }

  async list(
    tenantId: string,
    { limit, after, kinds }: { limit: number; after?: string; kinds?: readonly JobKind[] },
  ): Promise<BatchJob[]> {
    if (after !== undefined) await this.get(tenantId, after).catch(explainAfter);
    return atDatabase(this.options.store.list(tenantId, { limit, afterJobId: after, kinds }));
  }

  async *items(
    tenantId: string,
    jobId: string,
    { firstIndex = 0, limit = Infinity, states, isDeadOnly }: ItemFilter = {},
  ): AsyncGenerator<StoredItem[], void, undefined> {
    const ref = await this.get(tenantId, jobId);
    let afterIndex = firstIndex - 1;
    for (let left = limit; left > 0;) {
      const page = { items: Math.min(left, PAGE_ITEMS), bytes: PAGE_BYTES };
      const items = await atDatabase(this.options.store.read(ref, { states, isDeadOnly, afterIndex }, page), 10_000);
      const last = items.at(-1);
      if (last === undefined) return;
      yield items;
      left -= items.length;
      afterIndex = last.index;
    }
  }

  async cancel(tenantId: string, jobId: string): Promise<BatchJob> {
    const before = await this.get(tenantId, jobId);
    const job = accepted(await atDatabase(this.options.store.advance(before, 'cancel')));
    if (job.state === 'cancelling') this.announce(job);
    return job;
  }

  async retryDead(tenantId: string, jobId: string): Promise<number> {
    const { store, now = Date.now } = this.options;
    const job = await this.get(tenantId, jobId);
    const { completionWindowMs = DEFAULT_WINDOW_MS } = job;
    const deadlineAtMs = job.deadlineAtMs === undefined ? undefined : now() + completionWindowMs;
    const count = await atDatabase(store.retryDead(job, { deadlineAtMs }), 10_000);
    if (count > 0) this.announce(job);
    return count;
  }

  webhookSecret(tenantId: string): string {
    return tenantWebhookSecret(this.signingSecret(), tenantId);
  }

  close(): void {
    this.watch.close();
  }

  private checkWebhook(url: string): void {
    this.signingSecret();
    checkWebhookUrl(url, this.options.webhookRules);
  }

  private signingSecret(): string {
    const { webhookSigningSecret } = this.options;
    if (webhookSigningSecret !== undefined) return webhookSigningSecret;
    throw new CostlaneError('unavailable', 'Webhooks cannot be signed here: WEBHOOK_SIGNING_SECRET is not set.', {
      field: 'webhook.url',
    });
  }

  private announce({ tenantId, jobId }: JobRef): void {
    const { announce, onError = () => undefined } = this.options;
    announce({ tenantId, jobId }).catch(onError);
  }
}

/** One that is still being handed in is there for nobody. */
function accepted(job: BatchJob | undefined): BatchJob {
  if (job?.sealedAtMs === undefined) throw noSuchJob();
  return job;
}

function tooManyOpen(maxOpenJobs: number): CostlaneError {
  const message = `You have ${maxOpenJobs} jobs that have not ended, as many as there may be (JOB_TENANT_MAX_OPEN); try again when some have, or cancel some.`;
  return new CostlaneError('overloaded', message, { retryAfterMs: FULL_RETRY_AFTER_MS });
}

function explainAfter(error: unknown): never {
  if (!(error instanceof CostlaneError) || error.code !== 'not_found') throw error;
  throw new CostlaneError('invalid_request', 'Parameter "after" names no job.', { field: 'after' });
}
