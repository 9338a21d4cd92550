import { randomBytes } from 'node:crypto';
import { CostlaneError } from '@costlane/domain';
import { DatabaseError, type BatchJob, type JobKind, type JobRef, type JobStore } from '@costlane/ledger';
import { atDatabase, databaseAway, inDoorsWords, withinTime } from './at-database';
import type { SubmittedRequest, Submission } from './job-service';
import { RequestReader } from './read-requests';
import { writeItems, type Turnstile } from './write-items';

type Requests = AsyncIterable<SubmittedRequest> | Iterable<SubmittedRequest>;

export interface TakeInDeps {
  store: Pick<JobStore, 'create' | 'addItems' | 'seal' | 'discard' | 'get'>;
  maxItems: number;
  /** Through which all go that write items. */
  turnstile: Turnstile;
  now: () => number;
  /** Throws where the tenant may have no more jobs; not asked for one that is there already. */
  requireRoom: () => Promise<void>;
  onDiscardFailed: (error: unknown) => void;
}

const prefixes: Record<JobKind, string> = { batch: 'batch_', openai_batch: 'batch_', job: 'job_' };
const UNIQUE_VIOLATION = '23505';
/** Of a hundred thousand items, marking the duplicates takes about a second. */
const SEAL_LIMIT_MS = 15_000;

/** Writes a job and accepts it, or leaves nothing of it behind. See `JobService.submit`. */
export async function takeIn(deps: TakeInDeps, submission: Submission, requests: Requests): Promise<BatchJob> {
  const { tenantId, kind, jobId = newId(kind) } = submission;
  const ref = { tenantId, jobId };
  if (submission.jobId !== undefined) {
    const there = await atDatabase(deps.store.get(ref));
    if (there?.sealedAtMs !== undefined) return repeated(deps, there, submission, requests);
  }
  await deps.requireRoom();
  // Written under a name of its own: whoever hands in the same job at the same time, or died while doing so, is in nobody's way.
  const draft =
    submission.jobId === undefined ? ref : { tenantId, jobId: `${jobId}~${randomBytes(6).toString('hex')}` };
  const reader = new RequestReader(submission, deps.maxItems);
  let requestHash = '';
  try {
    await begin(deps, draft, submission);
    const total = await writeItems(deps.store, draft, reader.items(requests), deps.turnstile);
    requestHash = reader.requestHash();
    return await accept(deps, draft, ref, total, requestHash);
  } catch (error) {
    await atDatabase(deps.store.discard(draft)).catch(deps.onDiscardFailed);
    if (isTaken(error) && submission.jobId !== undefined) return sameAs(deps, ref, requestHash);
    throw inDoorsWords(error);
  }
}

async function begin({ store, now }: TakeInDeps, draft: JobRef, submission: Submission): Promise<void> {
  const { kind, metadata, webhookUrl, completionWindowMs } = submission;
  const created = await atDatabase(
    store.create({
      ...draft,
      kind,
      metadata,
      webhook: webhookUrl === undefined ? undefined : { url: webhookUrl },
      completionWindowMs,
      deadlineAtMs: completionWindowMs === undefined ? undefined : now() + completionWindowMs,
    }),
  );
  if (created === undefined) throw new CostlaneError('internal', 'The id of the job is taken.');
}

async function accept(
  { store }: TakeInDeps,
  draft: JobRef,
  ref: JobRef,
  total: number,
  requestHash: string,
): Promise<BatchJob> {
  try {
    const job = await withinTime(store.seal(draft, total, { jobId: ref.jobId, requestHash }), SEAL_LIMIT_MS);
    if (job) return job;
    throw new CostlaneError('internal', 'Not all items of the job were kept.');
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.isConnectionLost) throw error;
    // The answer was lost, perhaps not the deed.
    const job = await atDatabase(store.get(ref));
    if (job?.sealedAtMs !== undefined && job.requestHash === requestHash) return job;
    throw databaseAway(error);
  }
}

/** The job that is there, where all that is handed in now is what was handed in then. */
async function repeated(
  { maxItems }: TakeInDeps,
  there: BatchJob,
  submission: Submission,
  requests: Requests,
): Promise<BatchJob> {
  const reader = new RequestReader(submission, maxItems);
  for await (const _item of reader.items(requests));
  return requireSame(there, reader.requestHash());
}

/** Another one has handed in a job of this id just now. */
async function sameAs({ store }: TakeInDeps, ref: JobRef, requestHash: string): Promise<BatchJob> {
  const there = await atDatabase(store.get(ref));
  if (there === undefined) throw databaseAway();
  return requireSame(there, requestHash);
}

function requireSame(there: BatchJob, requestHash: string): BatchJob {
  if (there.requestHash === requestHash) return there;
  throw new CostlaneError('idempotency_key_reused', 'Another job was handed in under this idempotency key.');
}

const isTaken = (error: unknown): boolean => error instanceof DatabaseError && error.sqlState === UNIQUE_VIOLATION;

const newId = (kind: JobKind): string => prefixes[kind] + randomBytes(12).toString('hex');
