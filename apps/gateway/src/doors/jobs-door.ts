import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readShape } from '../dialects/costlane/read-request';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { WaitOptions } from '../jobs/job-service';
import { noSuchJob } from '../jobs/job-watch';
import { itemAt } from '../jobs/wait-for-item';
import { leavingOf, MAX_WAIT_MS, type JobDoorDeps } from './batch-door';
import { errorEvent } from './error-event';
import { jobDocument } from './jobs-door-documents';
import { findJob, type FoundJob } from './jobs-door-find';
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
  fastify.get<{ Params: { id: string } }>(`${PATH}/:id`, async (request, reply) => {
    const waitMs = numberIn(request.query as Query, 'wait_ms', 0, MAX_WAIT_MS) ?? 0;
    const { id } = request.params;
    const { job, item } = await findCall(deps, request, id, { waitMs, signal: leavingOf(reply) });
    return successEnvelope(jobDocument(id, job, item));
  });
  fastify.delete<{ Params: { id: string } }>(`${PATH}/:id`, async (request) => {
    const { id } = request.params;
    const { job, item } = await findCall(deps, request, id);
    if (job.counts.total > 1) throw gathered();
    return successEnvelope(jobDocument(id, await jobs.cancel(job.tenantId, job.jobId), item));
  });
}

async function findCall(
  { jobs, admission }: JobDoorDeps,
  request: FastifyRequest,
  id: string,
  wait?: WaitOptions,
): Promise<FoundJob> {
  const { tenantId } = await admission.identify(request.headers);
  const found = await findJob(jobs, tenantId, id, wait);
  if (found.job.kind !== 'job') throw noSuchJob();
  return found;
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
    .send(successEnvelope(jobDocument(job.jobId, job, await itemAt(jobs, job, 0))));
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
