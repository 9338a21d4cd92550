import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError } from '@costlane/domain';
import type { BatchJob, StoredItem } from '@costlane/ledger';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readShape } from '../dialects/costlane/read-request';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { JobService } from '../jobs/job-service';
import { noSuchJob } from '../jobs/job-watch';
import { leavingOf, MAX_WAIT_MS, type JobDoorDeps } from './batch-door';
import { errorEvent } from './error-event';
import { jobDocument } from './jobs-door-documents';
import { createItemReader, jobIdOf } from './jobs-door-items';
import { numberIn, textIn, type Query } from './jobs-door-parameters';
import { jobSchema, windowMsOf, type JobInput } from './jobs-door-schemas';
import { traceparentOf } from './request-controls';

const PATH = '/v1/jobs';
const EMPTY = Buffer.alloc(0);
const MAX_PAGE_JOBS = 100;

/** `/v1/jobs`: one request that is answered later, whoever waits, and calls that were gathered because they had time. */
export function registerJobsDoor(fastify: FastifyInstance, deps: JobDoorDeps): void {
  const { jobs, admission } = deps;
  fastify.post(PATH, { bodyLimit: deps.bodyLimitBytes }, (request, reply) =>
    create(deps, request, reply).catch((error: unknown) => {
      deps.observer.refused(PATH, errorEvent(error).code, error, traceparentOf(request.headers));
      throw error;
    }),
  );
  fastify.get(PATH, async (request) => {
    const { tenantId } = await admission.identify(request.headers);
    const query = request.query as Query;
    const limit = numberIn(query, 'limit', 1, MAX_PAGE_JOBS) ?? 20;
    const found = await jobs.list(tenantId, { limit: limit + 1, after: textIn(query, 'after'), kinds: ['job'] });
    const shown = found
      .slice(0, limit)
      .map((job) => ({ ...jobDocument(job.jobId, job, undefined), requests: job.counts.total }));
    return successEnvelope({ jobs: shown, has_more: found.length > limit });
  });
  fastify.get(`${PATH}/webhook-secret`, async (request) => {
    const { tenantId } = await admission.identify(request.headers);
    return successEnvelope({ tenant_id: tenantId, secret: jobs.webhookSecret(tenantId) });
  });
  fastify.get<{ Params: { id: string } }>(`${PATH}/:id`, async (request) => {
    const waitMs = numberIn(request.query as Query, 'wait_ms', 0, MAX_WAIT_MS) ?? 0;
    const { tenantId } = await admission.identify(request.headers);
    return successEnvelope(await findJob(jobs, tenantId, request.params.id, { waitMs, signal: leavingOf(request) }));
  });
  fastify.delete<{ Params: { id: string } }>(`${PATH}/:id`, async (request) => {
    const { tenantId } = await admission.identify(request.headers);
    const { id } = request.params;
    const { job, index } = await lookUp(jobs, tenantId, id, { waitMs: 0 });
    if (job.counts.total > 1) throw gathered();
    const cancelled = await jobs.cancel(tenantId, job.jobId);
    return successEnvelope(jobDocument(id, cancelled, await itemOf(jobs, cancelled, index)));
  });
}

/** A job as it is shown. @throws CostlaneError `not_found` */
export async function findJob(
  jobs: JobService,
  tenantId: string,
  id: string,
  wait: { waitMs: number; signal?: AbortSignal },
): Promise<ReturnType<typeof jobDocument>> {
  const { job, index } = await lookUp(jobs, tenantId, id, wait);
  return jobDocument(id, job, await itemOf(jobs, job, index));
}

const NAME = /^([^.]+)(?:\.(\d{1,9}))?$/;

/** `job_….3` is the fourth of several calls that were gathered into a job. */
async function lookUp(
  jobs: JobService,
  tenantId: string,
  id: string,
  wait: { waitMs: number; signal?: AbortSignal },
): Promise<{ job: BatchJob; index: number }> {
  const [, jobId, place = '0'] = NAME.exec(id) ?? [];
  if (jobId === undefined) throw noSuchJob();
  const job = await jobs.wait(tenantId, jobId, wait);
  const index = Number(place);
  if (job.kind !== 'job' || index >= job.counts.total) throw noSuchJob();
  return { job, index };
}

async function itemOf(jobs: JobService, { tenantId, jobId }: BatchJob, index: number): Promise<StoredItem | undefined> {
  for await (const [item] of jobs.items(tenantId, jobId, { firstIndex: index, limit: 1 }))
    return item?.index === index ? item : undefined;
  return undefined;
}

async function create(deps: JobDoorDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { jobs, admission, defaults, isKeyRequired } = deps;
  const { headers } = request;
  const caller = await admission.admit(headers);
  const { input, ...options } = readJob(parseJson((request.body as Buffer | undefined) ?? EMPTY), headers);
  const readItem = createItemReader({ caller, headers, defaults, isKeyRequired });
  const job = await jobs.submit(
    {
      tenantId: caller.tenantId,
      kind: 'job',
      jobId: jobIdOf('job_', caller.tenantId, options.idempotencyKey),
      webhookUrl: options.webhookUrl,
      completionWindowMs: options.completionWindowMs,
    },
    [readItem(input)],
  );
  return reply
    .code(202)
    .header('location', `${PATH}/${job.jobId}`)
    .send(successEnvelope(jobDocument(job.jobId, job, await itemOf(jobs, job, 0))));
}

interface ReadJob {
  input: unknown;
  idempotencyKey: string | string[] | undefined;
  webhookUrl: string | undefined;
  completionWindowMs: number | undefined;
}

/** What is said of the job, apart from what is asked. Throws what is wrong with it. */
export function readJob(value: unknown, headers: IncomingHttpHeaders): ReadJob {
  const {
    webhook,
    completion_window,
    deadline_ms = numberOf(headers['x-costlane-deadline-ms']),
    idempotency_key: idempotencyKey = headers['idempotency-key'],
    ...input
  } = readShape<JobInput>(jobSchema, value);
  return {
    input,
    idempotencyKey,
    webhookUrl: webhook?.url ?? headers['x-costlane-webhook-url']?.toString(),
    completionWindowMs: windowMsOf({ completion_window, deadline_ms }, undefined),
  };
}

const numberOf = (text: string | string[] | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

const gathered = (): CostlaneError =>
  new CostlaneError(
    'invalid_request',
    'This call was gathered with others into one job; it cannot be cancelled by itself.',
    {
      field: 'id',
    },
  );
