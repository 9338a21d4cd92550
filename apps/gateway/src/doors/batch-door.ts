import { Readable } from 'node:stream';
import { ndjson } from '@costlane/jobs';
import type { BatchJob, ItemState } from '@costlane/ledger';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JobService } from '../jobs/job-service';
import { noSuchJob } from '../jobs/job-watch';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { answerWaiting } from './batch-door-answer';
import { readDocument, readLines } from './batch-door-read';
import { errorEvent } from './error-event';
import { batchDocument, resultLine } from './jobs-door-documents';
import { createItemReader, jobIdOf } from './jobs-door-items';
import { numberIn, oneOfIn, textIn, type Query } from './jobs-door-parameters';
import { batchWindowMs } from './jobs-door-schemas';
import { traceparentOf, type RequestControls } from './request-controls';

export interface JobDoorDeps {
  jobs: JobService;
  admission: Admission;
  observer: Pick<RequestObserver, 'refused'>;
  defaults: RequestControls;
  isKeyRequired: boolean;
  /** Of a document, and of a line. */
  bodyLimitBytes: number;
  /** Of a batch that comes line by line. */
  maxBatchBytes: number;
  /** A client that sends no line for so long is given up; default 60,000. */
  idleMs?: number;
}

const PATH = '/v1/batch';
const lineTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'];
export const shownStates = ['succeeded', 'failed', 'cancelled', 'expired', 'dead'] as const;
export const MAX_WAIT_MS = 120_000;
const MAX_PAGE_JOBS = 100;
const MAX_INDEX = 2 ** 31 - 1;

type WithId = FastifyRequest<{ Params: { id: string } }>;

/** `/v1/batch`: many requests handed in at once, and what becomes of them. */
export function registerBatchDoor(fastify: FastifyInstance, deps: JobDoorDeps): void {
  const { jobs, admission } = deps;
  // In a scope of its own: no other door takes bodies of lines.
  void fastify.register((scope, _options, done) => {
    scope.addContentTypeParser(lineTypes, (_request, payload, parsed) => parsed(null, payload));
    scope.post(PATH, { bodyLimit: deps.bodyLimitBytes }, (request, reply) =>
      create(deps, request, reply).catch((error: unknown) => {
        deps.observer.refused(PATH, errorEvent(error).code, error, traceparentOf(request.headers));
        throw error;
      }),
    );
    done();
  });
  const find = async (request: FastifyRequest, waitMs = 0, signal?: AbortSignal): Promise<BatchJob> => {
    const { tenantId } = await admission.identify(request.headers);
    const { id } = (request as WithId).params;
    const job = waitMs > 0 ? await jobs.wait(tenantId, id, { waitMs, signal }) : await jobs.get(tenantId, id);
    if (job.kind === 'batch') return job;
    throw noSuchJob();
  };
  fastify.get(PATH, async (request) => {
    const { tenantId } = await admission.identify(request.headers);
    const query = request.query as Query;
    const limit = numberIn(query, 'limit', 1, MAX_PAGE_JOBS) ?? 20;
    const found = await jobs.list(tenantId, { limit: limit + 1, after: textIn(query, 'after'), kinds: ['batch'] });
    return successEnvelope({ batches: found.slice(0, limit).map(batchDocument), has_more: found.length > limit });
  });
  fastify.get(`${PATH}/:id`, async (request, reply) => {
    const waitMs = numberIn(request.query as Query, 'wait_ms', 0, MAX_WAIT_MS);
    return successEnvelope(batchDocument(await find(request, waitMs, leavingOf(reply))));
  });
  fastify.get(`${PATH}/:id/results`, async (request, reply) => {
    const query = request.query as Query;
    const state = oneOfIn(query, 'status', shownStates);
    const firstIndex = numberIn(query, 'from_index', 0, MAX_INDEX);
    const { tenantId, jobId, state: status } = await find(request);
    const states: ItemState[] | undefined = state === undefined || state === 'dead' ? undefined : [state];
    const pages = jobs.items(tenantId, jobId, { firstIndex, states, isDeadOnly: state === 'dead' });
    return reply
      .type('application/x-ndjson')
      .header('x-batch-status', status)
      .send(Readable.from(ndjson(pages, resultLine), { objectMode: false }));
  });
  fastify.delete(`${PATH}/:id`, async (request) => {
    const { tenantId, jobId } = await find(request);
    return successEnvelope(batchDocument(await jobs.cancel(tenantId, jobId)));
  });
  fastify.post(`${PATH}/:id/retry`, async (request) => {
    await admission.admit(request.headers);
    const { tenantId, jobId } = await find(request);
    const retried = await jobs.retryDead(tenantId, jobId);
    return successEnvelope({ ...batchDocument(await jobs.get(tenantId, jobId)), retried });
  });
}

async function create(deps: JobDoorDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { jobs, admission, defaults, isKeyRequired, bodyLimitBytes, maxBatchBytes, idleMs } = deps;
  const { headers } = request;
  const caller = await admission.admit(headers);
  const { tenantId } = caller;
  const readItem = createItemReader({ caller, headers, defaults, isKeyRequired });
  const isLines = request.body instanceof Readable;
  const { options, requests } = isLines
    ? readLines(request, readItem, { lineBytes: bodyLimitBytes, totalBytes: maxBatchBytes, idleMs })
    : await readDocument(request, readItem);
  const job = await jobs.submit(
    {
      tenantId,
      kind: 'batch',
      jobId: jobIdOf('batch_', tenantId, headers['idempotency-key']),
      metadata: options.metadata,
      webhookUrl: options.webhook?.url,
      completionWindowMs: batchWindowMs(options),
    },
    requests,
  );
  void reply.header('location', `${PATH}/${job.jobId}`);
  if (options.wait !== true) return reply.code(202).send(successEnvelope(batchDocument(job)));
  const ended = await jobs.wait(tenantId, job.jobId, { waitMs: defaults.deadlineMs, signal: leavingOf(reply) });
  return answerWaiting(jobs, ended, reply);
}

/** Aborted when the client goes before it was answered. */
export function leavingOf({ raw }: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  if (raw.destroyed) leaving.abort();
  raw.once('close', () => leaving.abort());
  return leaving.signal;
}
