import type { IncomingHttpHeaders } from 'node:http';
import { decodeItemRequest, type ItemRequest } from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type FileStore, type ItemEnd, type Ledger } from '@costlane/ledger';
import { databaseUrlForTests } from '@costlane/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Caller } from '../core/inference-request';
import { registerOpenAiBatchDoors } from '../doors/batches-door-open';
import {
  createBatchValidation,
  type BatchValidation,
  type BatchValidationOptions,
} from '../doors/batches-door-validation';
import { createErrorHandler } from '../doors/error-shape';
import { methodsOf } from '../doors/register-doors';
import { defaultControls } from '../doors/request-controls';
import { createJobService } from '../jobs/create-job-service';
import type { JobService } from '../jobs/job-service';
import { silent } from './test-gateway';

export interface BatchesFixture {
  fastify: FastifyInstance;
  ledger: Ledger;
  jobs: JobService;
  validation: BatchValidation;
  /** What was written of uploads, and how many were given up. */
  uploads: { pieces: number; discarded: number };
  /** Another reader of input files, as of another gateway. */
  anotherValidation(options?: Partial<BatchValidationOptions>): BatchValidation;
  /** A multipart form, as clients send it. */
  upload(content: string | Buffer, form?: UploadForm): Promise<Answer>;
  post(url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(url: string, tenant?: string): Promise<Answer>;
  remove(url: string, tenant?: string): Promise<Answer>;
  /** A batch of these lines, read to the end. */
  batchOf(lines: string | readonly object[], fields?: object, headers?: Record<string, string>): Promise<Answer>;
  /** What a runner would do with all of its items. */
  finish(batchId: string, ends: readonly Omit<ItemEnd, 'index'>[]): Promise<void>;
  /** The requests of a batch's job as they would be asked. */
  requests(batchId: string): Promise<ItemRequest[]>;
  close(): Promise<void>;
}

export interface UploadForm {
  purpose?: string | null;
  filename?: string;
  fields?: Record<string, string>;
  tenant?: string;
  isFileFirst?: boolean;
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // Documents of several kinds, looked at field by field.
  body: Record<string, never> & { error?: { code: string; param: string | null; message: string; type: string } };
}

const BOUNDARY = 'a-boundary-of-the-spec';
export const FILE_MAX_BYTES = 2_500_000;

export function formOf(content: string | Buffer, form: UploadForm = {}): Buffer {
  const { purpose = 'batch', filename = 'in.jsonl', fields = {}, isFileFirst = false } = form;
  const field = (name: string, value: string): Buffer =>
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const disposition = `Content-Disposition: form-data; name="file"; filename="${filename}"`;
  const file = Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\n${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  const given = [...(purpose === null ? [] : [['purpose', purpose] as const]), ...Object.entries(fields)];
  const rest = given.map(([name, value]) => field(name, value));
  return Buffer.concat([...(isFileFirst ? [file, ...rest] : [...rest, file]), Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export const formHeaders = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** OpenAI's files and batches on a database of their own; nothing runs their requests but `finish`. `x-tenant` says who asks. */
export async function startBatchesFixture({
  databaseUrl,
  maxOpenJobs,
}: { databaseUrl?: string; maxOpenJobs?: number } = {}): Promise<BatchesFixture> {
  const scratch = databaseUrl === undefined ? await createMigratedDatabase(databaseUrlForTests() ?? '') : undefined;
  const url = databaseUrl ?? scratch?.url ?? '';
  const ledger = createLedger({ databaseUrl: url, logger: silent, connectTimeoutMs: 1_000 });
  const { openAiBatches: batches, jobs: store } = ledger;
  const uploads = { pieces: 0, discarded: 0 };
  const files: FileStore = {
    ...ledger.files,
    append: (...piece) => ledger.files.append(...piece).then(() => void (uploads.pieces += 1)),
    discard: (ref) => ledger.files.discard(ref).then(() => void (uploads.discarded += 1)),
  };
  const jobs = createJobService({ store, announce: async () => undefined, maxItems: 1_000, maxOpenJobs });
  const defaults = defaultControls({
    isCacheEnabled: true,
    isSemanticEnabled: true,
    cacheTtlSeconds: 60,
    requestTimeoutMs: 5_000,
  });
  const metrics = { fallback: () => undefined };
  const validations: BatchValidation[] = [];
  const anotherValidation = (options: Partial<BatchValidationOptions> = {}): BatchValidation => {
    const limits = { maxLineBytes: 100_000, maxItems: 1_000 };
    const given = { files, batches, jobs, defaults, logger: silent, metrics, validator: 'g1', ...limits, ...options };
    validations.push(createBatchValidation(given));
    return validations.at(-1) as BatchValidation;
  };
  const validation = anotherValidation();
  const fastify = Fastify();
  const errorHandler = createErrorHandler(silent, methodsOf(fastify));
  fastify.setErrorHandler(errorHandler);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const admit = (headers: IncomingHttpHeaders): Caller => ({
    tenantId: String(headers['x-tenant'] ?? 'acme'),
    keyId: 'key_1',
    role: 'member',
    rateLimitPerMinute: 0,
  });
  registerOpenAiBatchDoors(fastify, {
    admission: { admit, identify: admit },
    defaults,
    jobs,
    openAiBatches: { files, batches, validation },
    config: { FILE_MAX_BYTES, FILE_TENANT_MAX_BYTES: 0, FILE_RETENTION_DAYS: 30 },
    uploadIdleMs: 500,
  });

  const send = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    headers: Record<string, string>,
    payload?: string | Buffer,
  ): Promise<Answer> => {
    const answer = await fastify.inject({ method, url: path, headers, payload });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? answer.json<Answer['body']>() : {},
    };
  };
  const upload: BatchesFixture['upload'] = (content, form = {}) =>
    send('POST', '/v1/files', { ...formHeaders, 'x-tenant': form.tenant ?? 'acme' }, formOf(content, form));
  const post: BatchesFixture['post'] = (path, body, headers = {}) =>
    send(
      'POST',
      path,
      { 'content-type': 'application/json', ...headers },
      typeof body === 'string' ? body : JSON.stringify(body),
    );
  const get = (path: string, tenant = 'acme'): Promise<Answer> => send('GET', path, { 'x-tenant': tenant });

  return {
    fastify,
    ledger,
    jobs,
    validation,
    uploads,
    anotherValidation,
    upload,
    post,
    get,
    remove: (path, tenant = 'acme') => send('DELETE', path, { 'x-tenant': tenant }),
    async batchOf(lines, fields = {}, headers = {}) {
      const text = typeof lines === 'string' ? lines : lines.map((line) => JSON.stringify(line)).join('\n');
      const file = await upload(text, { tenant: headers['x-tenant'] });
      const asked = { input_file_id: file.body['id'], endpoint: '/v1/embeddings', completion_window: '24h', ...fields };
      const created = await post('/v1/batches', asked, headers);
      await validation.idle();
      return get(`/v1/batches/${String(created.body['id'])}`, headers['x-tenant']);
    },
    async finish(batchId, ends) {
      const ref = { tenantId: 'acme', jobId: batchId };
      await store.advance(ref, 'start');
      await store.end(
        ref,
        ends.map((end, index) => ({ ...end, index })),
      );
      await store.advance(ref, 'items_ended');
      await store.advance(ref, 'finish');
    },
    async requests(batchId) {
      const ref = { tenantId: 'acme', jobId: batchId };
      await store.advance(ref, 'start');
      const limits = { owner: 'spec', limit: 1_000, maxBytes: 1e9, leaseMs: 60_000, maxLosses: 3 };
      return (await store.lease(ref, limits)).map(({ request }) => decodeItemRequest(request));
    },
    async close() {
      await Promise.all(validations.map((each) => each.stop()));
      await fastify.close();
      await ledger.close();
      await scratch?.drop();
    },
  };
}
