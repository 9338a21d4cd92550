import { Readable } from 'node:stream';
import { CostlaneError } from '@costlane/domain';
import type { FileStore, ListedFile, OpenAiBatchStore, ResultFile } from '@costlane/ledger';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { fileObject } from '../dialects/openai-batches/file-object';
import { listDocument, readPage, type PageQuery } from '../dialects/openai-batches/list-page';
import { resultLine, sizeOfLines } from '../dialects/openai-batches/result-line';
import { atDatabase } from '../jobs/at-database';
import type { JobService } from '../jobs/job-service';
import type { Admission } from './admission';
import { takeUpload, type UploadDeps } from './files-door-upload';

export interface FilesDoorDeps extends UploadDeps {
  admission: Admission;
  files: FileStore;
  batches: Pick<OpenAiBatchStore, 'measure'>;
  jobs: Pick<JobService, 'items'>;
}

interface ById {
  Params: { id: string };
}

/** Each holds a piece in memory, and a connection to the database while that is written. */
const MAX_UPLOADS = 32;
const MAX_TENANT_UPLOADS = 8;
const MAX_FILES = 1_000;
const DEFAULT_FILES = 100;
const PAGE_MS = 2_000;
/** Of a hundred thousand results some seconds. */
const DELETE_LIMIT_MS = 60_000;
const READ_LIMIT_MS = 10_000;
const MEASURE_LIMIT_MS = 10_000;
const MAX_MEASURED = 10_000;

/** Items that go into a part of a batch's results. */
const statesOf = { output: ['succeeded'], error: ['failed', 'cancelled', 'expired'] } as const;

/** OpenAI's files, for batches: what is uploaded, and the results, which are written as they are read. A tenant has its own only. */
export function registerFilesDoor(fastify: FastifyInstance, deps: FilesDoorDeps): void {
  const { admission, files } = deps;
  const sizeOf = createSizes(deps.batches);
  const shown = async (file: ListedFile) => fileObject(file, await sizeOf(file));
  acceptMultipart(fastify, '/v1/files');

  const enter = createPlaces(MAX_UPLOADS, MAX_TENANT_UPLOADS);
  fastify.post('/v1/files', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    const leave = enter(tenantId);
    try {
      return await shown(await takeUpload(request.raw, tenantId, deps));
    } finally {
      leave();
    }
  });

  fastify.get<{ Querystring: PageQuery & { purpose?: unknown; order?: unknown } }>('/v1/files', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    const { limit, after } = readPage(request.query, { max: MAX_FILES, default: DEFAULT_FILES });
    if (after !== undefined) await found(files, tenantId, after, 'after');
    const { purpose } = request.query;
    const listed = await atDatabase(
      files.list(tenantId, {
        limit: limit + 1,
        afterFileId: after,
        purpose: typeof purpose === 'string' ? purpose : undefined,
        order: readOrder(request.query.order),
      }),
    );
    // The first time that they are asked for, sizes of results take a while each: a page may then be shorter than it was asked to be.
    const endMs = performance.now() + PAGE_MS;
    const page: ReturnType<typeof fileObject>[] = [];
    for (const file of listed.slice(0, limit)) {
      if (page.length > 0 && performance.now() > endMs) break;
      page.push(await shown(file));
    }
    return listDocument(page, listed.length > page.length);
  });

  fastify.get<ById>('/v1/files/:id', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    return shown(await found(files, tenantId, request.params.id));
  });

  fastify.get<ById>('/v1/files/:id/content', async (request, reply) => {
    const { tenantId } = await admission.admit(request.headers);
    const file = await found(files, tenantId, request.params.id);
    const content = await begun(contentOf(deps, file));
    void reply.type('application/octet-stream').header('content-disposition', attachment(file.filename));
    if (!('batchId' in file)) void reply.header('content-length', file.sizeBytes);
    return reply.send(Readable.from(content));
  });

  fastify.delete<ById>('/v1/files/:id', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    const { id } = request.params;
    if (!(await atDatabase(files.remove({ tenantId, fileId: id }), DELETE_LIMIT_MS))) throw noSuchFile(id);
    return { id, object: 'file', deleted: true };
  });
}

/** Bodies of forms stay unread on this path, for its handler to read; on all others they are refused. */
function acceptMultipart(fastify: FastifyInstance, url: string): void {
  fastify.addContentTypeParser('multipart/form-data', (request, _payload, done) => {
    if (request.routeOptions.url === url) return done(null);
    done(new CostlaneError('unsupported_media_type', 'The content type has to be application/json.'));
  });
}

/** @throws CostlaneError `not_found` */
async function found(
  files: Pick<FileStore, 'get'>,
  tenantId: string,
  fileId: string,
  field?: string,
): Promise<ListedFile> {
  const file = await atDatabase(files.get({ tenantId, fileId }));
  if (file) return file;
  throw noSuchFile(fileId, field);
}

export function noSuchFile(fileId: string, field = 'id'): CostlaneError {
  return new CostlaneError('not_found', `No such File object: ${fileId.slice(0, 100)}`, { field });
}

/** Counts what is under way, in all and by tenant. What it gives is to be called once, at the end. @throws CostlaneError `overloaded` */
function createPlaces(max: number, maxByTenant: number): (tenantId: string) => () => void {
  const taken = new Map<string, number>();
  let total = 0;
  return (tenantId) => {
    const own = taken.get(tenantId) ?? 0;
    if (total >= max || own >= maxByTenant)
      throw new CostlaneError('overloaded', 'Too many files are being uploaded at the moment.', {
        retryAfterMs: 2_000,
      });
    total += 1;
    taken.set(tenantId, own + 1);
    return () => {
      total -= 1;
      const left = (taken.get(tenantId) ?? 1) - 1;
      if (left > 0) taken.set(tenantId, left);
      else taken.delete(tenantId);
    };
  };
}

/** How many bytes a file has. That of results is found out by the database, once: they do not change any more. */
function createSizes(batches: Pick<OpenAiBatchStore, 'measure'>) {
  const known = new LRUCache<string, number>({ max: MAX_MEASURED });
  return async (file: ListedFile): Promise<number> => {
    if (!('batchId' in file)) return file.sizeBytes;
    const { tenantId, batchId, part, fileId, createdAtMs } = file;
    const key = JSON.stringify([tenantId, fileId, createdAtMs]);
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const lines = await atDatabase(batches.measure({ tenantId, batchId }, part), MEASURE_LIMIT_MS);
    const sizeBytes = sizeOfLines(batchId, lines);
    known.set(key, sizeBytes);
    return sizeBytes;
  };
}

function contentOf(deps: FilesDoorDeps, file: ListedFile): AsyncGenerator<Buffer, void, undefined> {
  return 'batchId' in file ? resultsOf(deps.jobs, file) : pieces(deps.files.read(file));
}

async function* pieces(read: AsyncGenerator<Buffer, void, undefined>): AsyncGenerator<Buffer, void, undefined> {
  for (let next; !(next = await atDatabase(read.next(), READ_LIMIT_MS)).done;) yield next.value;
}

async function* resultsOf(
  jobs: Pick<JobService, 'items'>,
  { tenantId, batchId, part }: ResultFile,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const items of jobs.items(tenantId, batchId, { states: statesOf[part] }))
    yield Buffer.concat(items.map((item) => resultLine(batchId, item)));
}

/** With its first piece there: what fails before that is still an answer of its own. */
async function begun(content: AsyncGenerator<Buffer, void, undefined>): Promise<AsyncIterable<Buffer>> {
  const first = await content.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* content;
  })();
}

function readOrder(order: unknown): 'asc' | 'desc' | undefined {
  if (order === undefined || order === 'asc' || order === 'desc') return order;
  throw new CostlaneError('invalid_request', 'Parameter "order" has to be asc or desc.', { field: 'order' });
}

/** A header takes Latin-1 only; the name as it is goes along in the other form (RFC 6266). */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`;
}
