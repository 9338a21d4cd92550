import { createHash, randomBytes } from 'node:crypto';
import { CostlaneError } from '@costlane/domain';
import type { FileStore, NewOpenAiBatch, OpenAiBatch, OpenAiBatchStore } from '@costlane/ledger';
import type { FastifyInstance } from 'fastify';
import { readShape } from '../dialects/costlane/read-request';
import { batchObject, batchStatus } from '../dialects/openai-batches/batch-object';
import { completionWindowsMs, createBatchSchema } from '../dialects/openai-batches/create-batch';
import { listDocument, readPage, type PageQuery } from '../dialects/openai-batches/list-page';
import { parseJson } from '../dialects/openai-chat/parse-request';
import { atDatabase } from '../jobs/at-database';
import type { JobService } from '../jobs/job-service';
import type { Admission } from './admission';
import type { BatchValidation } from './batches-door-validation';
import { noSuchFile } from './files-door';
import { controlsFromHeaders, steeringHeaders, type RequestControls } from './request-controls';

export interface BatchesDoorDeps {
  admission: Admission;
  defaults: RequestControls;
  files: Pick<FileStore, 'get'>;
  batches: OpenAiBatchStore;
  jobs: Pick<JobService, 'cancel' | 'requireRoom'>;
  validation: Pick<BatchValidation, 'wake'>;
}

interface ById {
  Params: { id: string };
}

const EMPTY = Buffer.alloc(0);
const BODY_LIMIT_BYTES = 64 * 1024;
const MAX_BATCHES = 100;
const DEFAULT_BATCHES = 20;

/** OpenAI's batches. What is asked for in a file becomes a durable job of the same id as soon as the file has been read. */
export function registerBatchesDoor(fastify: FastifyInstance, deps: BatchesDoorDeps): void {
  const { admission, files, batches, validation } = deps;

  fastify.post('/v1/batches', { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
    const caller = await admission.admit(request.headers);
    const input = readShape(createBatchSchema, parseJson((request.body as Buffer | undefined) ?? EMPTY));
    const controls = controlsFromHeaders(request.headers, deps.defaults);
    const { tenantId, teamId, userId = controls.userId, keyId, role } = caller;
    const file = await atDatabase(files.get({ tenantId, fileId: input.input_file_id }));
    if (!file) throw noSuchFile(input.input_file_id, 'input_file_id');
    if (file.purpose !== 'batch') throw notAnInput();
    const asked: NewOpenAiBatch = {
      tenantId,
      batchId: idOf(tenantId, controls.idempotencyKey),
      inputFileId: input.input_file_id,
      endpoint: input.endpoint,
      completionWindow: input.completion_window,
      completionWindowMs: completionWindowsMs[input.completion_window],
      metadata: input.metadata ?? undefined,
      caller: { tenantId, teamId, userId, keyId, role },
      headers: steeringHeaders(request.headers),
      resultsExpireAfterSeconds: input.output_expires_after?.seconds,
    };
    await deps.jobs.requireRoom(tenantId).catch(async (error: unknown) => {
      // One that is there takes no room of others.
      if (controls.idempotencyKey === undefined || !(await atDatabase(batches.get(asked)))) throw error;
    });
    const batch = await atDatabase(batches.create(asked));
    if (!batch) throw tooMany();
    if (!isSame(asked, batch)) throw keyReused();
    validation.wake();
    return batchObject(batch);
  });

  fastify.get<{ Querystring: PageQuery }>('/v1/batches', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    const { limit, after } = readPage(request.query, { max: MAX_BATCHES, default: DEFAULT_BATCHES });
    if (after !== undefined) await found(batches, tenantId, after, 'after');
    const listed = await atDatabase(batches.list(tenantId, { limit: limit + 1, afterBatchId: after }));
    return listDocument(listed.slice(0, limit).map(batchObject), listed.length > limit);
  });

  fastify.get<ById>('/v1/batches/:id', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    return batchObject(await found(batches, tenantId, request.params.id));
  });

  fastify.post<ById>('/v1/batches/:id/cancel', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    return batchObject(await cancelled(deps, await found(batches, tenantId, request.params.id)));
  });
}

/** The same key stands for the same batch, so that a request whose answer was lost can be repeated. */
function idOf(tenantId: string, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return `batch_${randomBytes(16).toString('hex')}`;
  const name = JSON.stringify(['openai_batch', tenantId, idempotencyKey]);
  return `batch_${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

const isSame = (asked: NewOpenAiBatch, there: OpenAiBatch): boolean => whatIsAsked(asked) === whatIsAsked(there);

const whatIsAsked = (batch: NewOpenAiBatch): string =>
  JSON.stringify([
    batch.inputFileId,
    batch.endpoint,
    batch.completionWindow,
    batch.resultsExpireAfterSeconds ?? null,
    sorted(batch.metadata),
    sorted(batch.headers),
  ]);

const sorted = (pairs: Record<string, string> = {}): [string, string][] =>
  Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1));

const keyReused = (): CostlaneError =>
  new CostlaneError('idempotency_key_reused', 'Another batch was handed in under this idempotency key.', {
    field: 'idempotency-key',
  });

/** @throws CostlaneError `invalid_request` for one that has ended otherwise */
async function cancelled({ batches, jobs }: BatchesDoorDeps, batch: OpenAiBatch): Promise<OpenAiBatch> {
  const { tenantId, batchId } = batch;
  const status = batchStatus(batch);
  if (status === 'completed' || status === 'failed' || status === 'expired')
    throw new CostlaneError('invalid_request', `Cannot cancel a batch with status '${status}'.`, { field: 'id' });
  await atDatabase(batches.cancel({ tenantId, batchId }));
  // Its job may be there before that is noted, and is none to be missed where it is not there yet: see `BatchValidation`.
  await jobs.cancel(tenantId, batchId).catch((error: unknown) => {
    if (!(error instanceof CostlaneError && error.code === 'not_found')) throw error;
  });
  return found(batches, tenantId, batchId);
}

async function found(
  batches: Pick<OpenAiBatchStore, 'get'>,
  tenantId: string,
  batchId: string,
  field = 'id',
): Promise<OpenAiBatch> {
  const batch = await atDatabase(batches.get({ tenantId, batchId }));
  if (batch) return batch;
  throw new CostlaneError('not_found', `No batch found with id '${batchId.slice(0, 100)}'.`, { field });
}

const tooMany = (): CostlaneError =>
  new CostlaneError('overloaded', 'Too many batches of yours wait for their input files to be read.', {
    retryAfterMs: 10_000,
  });

const notAnInput = (): CostlaneError =>
  new CostlaneError('invalid_request', 'Field "input_file_id": the file has another purpose than "batch".', {
    field: 'input_file_id',
  });
