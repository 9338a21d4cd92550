import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BatchItem,
  BatchResult,
  BatchResultsRequest,
  InferenceServiceServer,
  JobStatus,
  SubmitBatchRequest,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { BatchJob, ItemState } from '@costlane/ledger';
import { newRequestId } from '@costlane/platform';
import { Metadata, type ServerReadableStream, type ServerWritableStream, type ServiceError } from '@grpc/grpc-js';
import type { Caller } from '../core/inference-request';
import type { SubmittedRequest } from '../jobs/job-service';
import { MAX_WAIT_MS, shownStates, type JobDoorDeps } from './batch-door';
import { errorEvent } from './error-event';
import { completeFields } from './grpc-convert';
import { callFailure, headersOf } from './grpc-call';
import { readOptions, toBatchResult, toJobStatus } from './grpc-jobs-convert';
import { isOver } from './jobs-door-documents';
import { createItemReader, jobIdOf, type ItemReader } from './jobs-door-items';
import { findJob } from './jobs-door-find';
import { oneOfIn } from './jobs-door-parameters';
import { batchWindowMs, windowMsOf } from './jobs-door-schemas';
import { traceparentOf } from './request-controls';

export type GrpcJobDeps = Pick<JobDoorDeps, 'jobs' | 'admission' | 'observer' | 'defaults' | 'isKeyRequired'>;

type JobMethods = Pick<InferenceServiceServer, 'submitJob' | 'getJob' | 'watchJob' | 'submitBatch' | 'batchResults'>;

interface Call {
  metadata: Metadata;
  cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
}

const WATCH_MS = 60_000;

/** Jobs and batches over gRPC: what `/v1/jobs` and `/v1/batch` do, under the same rules. */
export function createGrpcJobsDoor(deps: GrpcJobDeps): JobMethods {
  const { jobs } = deps;
  return {
    submitJob: (call, callback) =>
      void answer(deps, 'grpc:SubmitJob', call, callback, async () => {
        const { request, options: asked } = call.request;
        const { caller, readItem } = await admitted(deps, call);
        const { idempotency_key: key, ...fields } = request ? completeFields(request) : {};
        const options = readOptions(asked);
        const job = await jobs.submit(
          {
            tenantId: caller.tenantId,
            kind: 'job',
            jobId: jobIdOf('job_', caller.tenantId, options.idempotencyKey ?? (key as string | undefined)),
            webhookUrl: options.webhook?.url,
            completionWindowMs: windowMsOf(options, undefined),
          },
          [readItem(fields)],
        );
        return toJobStatus(job.jobId, job);
      }),
    getJob: (call, callback) =>
      void answer(deps, 'grpc:GetJob', call, callback, async () => {
        const { jobId, waitMs = 0 } = call.request;
        if (waitMs < 0 || waitMs > MAX_WAIT_MS)
          throw new CostlaneError('invalid_request', `Field "wait_ms" has to be 0 to ${MAX_WAIT_MS}.`, {
            field: 'wait_ms',
          });
        const { tenantId } = await deps.admission.identify(headersOf(call.metadata));
        const { job, item } = await findJob(jobs, tenantId, jobId, { waitMs, signal: leavingOf(call) });
        return toJobStatus(jobId, job, item);
      }),
    watchJob: (call) => void stream(deps, 'grpc:WatchJob', call, () => progressOf(deps, call)),
    submitBatch: (call, callback) =>
      void answer(deps, 'grpc:SubmitBatch', call, callback, async () => {
        const job = await takeBatch(deps, call);
        return toJobStatus(job.jobId, job);
      }),
    batchResults: (call) => void stream(deps, 'grpc:BatchResults', call, () => resultsOf(deps, call)),
  };
}

async function admitted(
  { admission, defaults, isKeyRequired }: GrpcJobDeps,
  { metadata }: Call,
): Promise<{ caller: Caller; readItem: ItemReader }> {
  const headers = headersOf(metadata);
  const caller = await admission.admit(headers);
  return { caller, readItem: createItemReader({ caller, headers, defaults, isKeyRequired }) };
}

async function takeBatch(
  deps: GrpcJobDeps,
  call: ServerReadableStream<SubmitBatchRequest, JobStatus>,
): Promise<BatchJob> {
  const { caller, readItem } = await admitted(deps, call);
  const messages = (call as AsyncIterable<SubmitBatchRequest>)[Symbol.asyncIterator]();
  const first = await messages.next();
  const opening = first.done === true ? undefined : first.value.message;
  const options = readOptions(opening?.$case === 'options' ? opening.value : undefined);
  const { tenantId } = caller;
  return deps.jobs.submit(
    {
      tenantId,
      kind: 'batch',
      jobId: jobIdOf('batch_', tenantId, options.idempotencyKey ?? call.metadata.get('idempotency-key')[0]?.toString()),
      metadata: options.metadata,
      webhookUrl: options.webhook?.url,
      completionWindowMs: batchWindowMs(options),
    },
    counted(itemsOf(call, opening, messages, readItem), options.itemCount),
  );
}

/** The items of a call, beginning with its first message where that is one. Throws what is wrong with one. */
async function* itemsOf(
  call: Call,
  opening: SubmitBatchRequest['message'],
  messages: AsyncIterator<SubmitBatchRequest>,
  readItem: ItemReader,
): AsyncGenerator<SubmittedRequest, void, undefined> {
  let index = 0;
  const read = (item: BatchItem): SubmittedRequest => {
    const fields = item.request ? completeFields(item.request) : {};
    const place = { index, words: `Request ${index}` };
    index += 1;
    return readItem(item.customId === '' ? fields : { ...fields, custom_id: item.customId }, place);
  };
  if (opening?.$case === 'item') yield read(opening.value);
  for (;;) {
    const { done, value } = await messages.next();
    if (done) break;
    if (value.message?.$case !== 'item')
      throw new CostlaneError('invalid_request', 'Every message but the first has to be an item.', { field: 'item' });
    yield read(value.message.value);
  }
  // A call that was broken off ends its stream as one that is complete does; that it is cancelled is known two or three turns later.
  for (let turn = 0; turn < 10 && !call.cancelled; turn += 1) await sleep(2);
  if (call.cancelled) throw new CostlaneError('cancelled', 'The client left before the whole batch was there.');
}

/** @throws CostlaneError `invalid_request` where they are not as many as they should be */
async function* counted<T>(items: AsyncIterable<T>, expected: number | undefined): AsyncGenerator<T, void, undefined> {
  let count = 0;
  for await (const item of items) {
    count += 1;
    yield item;
  }
  if (expected === undefined || expected === count) return;
  const message = `Field "item_count": says ${expected}, and ${count} came.`;
  throw new CostlaneError('invalid_request', message, { field: 'item_count' });
}

/** How a job goes: at once, and whenever that has changed, until it has ended or the client leaves. */
async function* progressOf(
  { jobs, admission }: GrpcJobDeps,
  call: ServerWritableStream<{ jobId: string }, JobStatus>,
): AsyncGenerator<JobStatus, void, undefined> {
  const { jobId: id } = call.request;
  const { tenantId } = await admission.identify(headersOf(call.metadata));
  const signal = leavingOf(call);
  let seen: BatchJob | undefined;
  while (!call.cancelled) {
    const before = seen;
    const until = (job: BatchJob): boolean => isOver(job) || before === undefined || hasMoved(before, job);
    const { job, item } = await findJob(jobs, tenantId, id, { waitMs: WATCH_MS, signal, until });
    if (before === undefined || hasMoved(before, job)) yield toJobStatus(id, job, item);
    if (isOver(job)) return;
    seen = job;
  }
}

const hasMoved = (before: BatchJob, now: BatchJob): boolean =>
  before.state !== now.state || JSON.stringify(before.counts) !== JSON.stringify(now.counts);

async function* resultsOf(
  { jobs, admission }: GrpcJobDeps,
  call: ServerWritableStream<BatchResultsRequest, BatchResult>,
): AsyncGenerator<BatchResult, void, undefined> {
  const { batchId, status, fromIndex } = call.request;
  const state = oneOfIn({ status: status === '' ? undefined : status }, 'status', shownStates);
  if (fromIndex < 0)
    throw new CostlaneError('invalid_request', 'Field "from_index" has to be 0 or more.', { field: 'from_index' });
  const { tenantId } = await admission.identify(headersOf(call.metadata));
  const states: ItemState[] | undefined = state === undefined || state === 'dead' ? undefined : [state];
  const filter = { firstIndex: fromIndex, states, isDeadOnly: state === 'dead' };
  for await (const page of jobs.items(tenantId, batchId, filter)) yield* page.map(toBatchResult);
}

/** A unary answer, or the error in its place. */
async function answer<R>(
  deps: GrpcJobDeps,
  endpoint: string,
  call: Call,
  callback: (error: ServiceError | null, reply?: R, trailers?: Metadata) => void,
  make: () => Promise<R>,
): Promise<void> {
  const trailers = newTrailers();
  try {
    callback(null, await make(), trailers);
  } catch (error) {
    callback(refusal(deps, endpoint, call, error, trailers));
  }
}

/** Messages at the client's pace; the error that ends them is the call's. */
async function stream<Request, R>(
  deps: GrpcJobDeps,
  endpoint: string,
  call: ServerWritableStream<Request, R>,
  make: () => AsyncIterable<R>,
): Promise<void> {
  const trailers = newTrailers();
  try {
    for await (const message of make()) {
      if (call.cancelled) return;
      if (!call.write(message)) await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
    }
    if (!call.cancelled) call.end(trailers);
  } catch (error) {
    if (!call.cancelled) call.emit('error', refusal(deps, endpoint, call, error, trailers));
  }
}

function refusal(
  { observer }: GrpcJobDeps,
  endpoint: string,
  call: Call,
  error: unknown,
  trailers: Metadata,
): ServiceError {
  observer.refused(endpoint, errorEvent(error).code, error, traceparentOf(headersOf(call.metadata)));
  return callFailure(error, trailers);
}

function newTrailers(): Metadata {
  const trailers = new Metadata();
  trailers.set('x-request-id', newRequestId());
  return trailers;
}

function leavingOf(call: Call): AbortSignal {
  const leaving = new AbortController();
  if (call.cancelled) leaving.abort();
  call.on('cancelled', () => leaving.abort());
  return leaving.signal;
}
