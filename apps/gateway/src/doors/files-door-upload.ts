import type { IncomingMessage } from 'node:http';
import { randomBytes } from 'node:crypto';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { CostlaneError } from '@costlane/domain';
import type { FileRef, FileStore, StoredFile } from '@costlane/ledger';
import { keptSecondsSchema } from '../dialects/openai-batches/create-batch';
import { atDatabase } from '../jobs/at-database';

export interface UploadDeps {
  files: Pick<FileStore, 'begin' | 'append' | 'complete' | 'discard'>;
  /** Of one file. */
  maxFileBytes: number;
  /** Of all files of a tenant; absent: any number. */
  maxTenantBytes?: number;
  /** How long a file is kept that does not say so itself. */
  fileRetentionMs: number;
  /** A client that sends nothing for so long is cut off; default 60,000. */
  idleMs?: number;
  now?: () => number;
}

/** What is written at a time. */
const PIECE_BYTES = 1024 * 1024;
const PIECE_LIMIT_MS = 10_000;
const DEFAULT_IDLE_MS = 60_000;
/** What a form has beside the file. */
const FORM_BYTES = 64 * 1024;
const LIMITS = { files: 1, fields: 16, fieldSize: 1_024, parts: 17, headerPairs: 64 };

/**
 * Takes a file from a multipart form into the store as it comes: a piece of it is in memory, and the client is not read on while that is
 * written. Where it fails, or the client leaves, nothing is left behind.
 * @throws CostlaneError `invalid_request`, `unsupported_media_type`, `body_too_large`, `cancelled`, `unavailable`
 */
export async function takeUpload(request: IncomingMessage, tenantId: string, deps: UploadDeps): Promise<StoredFile> {
  const { files, maxFileBytes, fileRetentionMs, now = Date.now } = deps;
  if (Number(request.headers['content-length'] ?? 0) > maxFileBytes + FORM_BYTES) throw tooLarge(maxFileBytes);
  const upload = new Upload(tenantId, deps);
  try {
    await upload.read(request);
    const { ref, pieces } = await upload.written();
    const keptSeconds = keptSecondsOf(upload.fields);
    const expiresAtMs = now() + (keptSeconds === undefined ? fileRetentionMs : keptSeconds * 1_000);
    return await atDatabase(files.complete(ref, pieces, expiresAtMs));
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

interface Written {
  ref: FileRef;
  pieces: number;
}

class Upload {
  readonly fields = new Map<string, string>();
  private readonly ref: FileRef;
  private writing: Promise<Written> | undefined;
  private stream: BusboyFileStream | undefined;

  constructor(
    tenantId: string,
    private readonly deps: UploadDeps,
  ) {
    this.ref = { tenantId, fileId: `file-${randomBytes(12).toString('hex')}` };
  }

  /** Resolves at the end of the form; rejects with the first thing that is wrong, which leaves the rest of the request unread. */
  async read(request: IncomingMessage): Promise<void> {
    const form = formOf(request, this.deps.maxFileBytes);
    let idle: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        form.on('field', (name, value) => {
          if (name === 'purpose' && value !== 'batch') reject(wrongPurpose(value));
          this.fields.set(name, value);
        });
        form.on('file', (name, stream, filename) => {
          if (name !== 'file') return reject(noSuchPart(name));
          this.stream = stream;
          stream.once('limit', () => reject(tooLarge(this.deps.maxFileBytes)));
          this.writing = this.write(stream, filename);
          this.writing.catch(reject);
        });
        form.once('filesLimit', () => reject(wrongForm('Only one file can be sent at a time.')));
        form.once('fieldsLimit', () => reject(wrongForm('The form has too many fields.')));
        form.once('partsLimit', () => reject(wrongForm('The form has too many parts.')));
        form.once('finish', resolve);
        form.once('error', () => reject(wrongForm('The multipart form is not complete.')));
        request.once('error', () => reject(hasLeft()));
        request.once('close', () => request.readableEnded || reject(hasLeft()));
        request.pipe(form);
        idle = whenIdle(request, this.deps.idleMs ?? DEFAULT_IDLE_MS, () => reject(hasLeft()));
      });
    } catch (error) {
      request.unpipe(form);
      this.stream?.destroy();
      throw error;
    } finally {
      clearInterval(idle);
    }
  }

  async written(): Promise<Written> {
    if (this.writing === undefined)
      throw new CostlaneError('invalid_request', 'Field "file": is missing; send the file as a part of this name.', {
        field: 'file',
      });
    const written = await this.writing;
    if (!this.fields.has('purpose'))
      throw new CostlaneError('invalid_request', 'Field "purpose": is missing; it has to be "batch".', {
        field: 'purpose',
      });
    if (written.pieces === 0)
      throw new CostlaneError('invalid_request', 'Field "file": the file is empty.', { field: 'file' });
    return written;
  }

  /** What cannot be deleted now is swept later. */
  async discard(): Promise<void> {
    if (this.writing === undefined) return;
    await this.writing.catch(() => undefined);
    await atDatabase(this.deps.files.discard(this.ref)).catch(() => undefined);
  }

  private async write(stream: BusboyFileStream, filename: string | undefined): Promise<Written> {
    const { files, maxTenantBytes } = this.deps;
    const named = filename === undefined || filename === '' ? 'upload.jsonl' : filename;
    const ref = await atDatabase(files.begin({ ...this.ref, purpose: 'batch', filename: named, maxTenantBytes }));
    if (!ref) throw noRoom();
    let pieces = 0;
    for await (const piece of inPieces(stream)) {
      await atDatabase(files.append(ref, pieces, piece), PIECE_LIMIT_MS);
      pieces += 1;
    }
    return { ref, pieces };
  }
}

/** Calls when nothing has come for so long, at twice the time at the latest. */
function whenIdle({ socket }: IncomingMessage, idleMs: number, call: () => void): NodeJS.Timeout {
  let before = -1;
  return setInterval(() => {
    const { bytesRead } = socket;
    if (bytesRead === before) call();
    before = bytesRead;
  }, idleMs);
}

/** However a client cuts what it sends, pieces are of one size; only the last may be smaller. */
async function* inPieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let gathered: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    gathered.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes < PIECE_BYTES) continue;
    const all = Buffer.concat(gathered);
    let from = 0;
    for (; sizeBytes - from >= PIECE_BYTES; from += PIECE_BYTES) yield all.subarray(from, from + PIECE_BYTES);
    gathered = from < sizeBytes ? [all.subarray(from)] : [];
    sizeBytes -= from;
  }
  if (sizeBytes > 0) yield Buffer.concat(gathered);
}

function formOf({ headers }: IncomingMessage, fileSize: number): InstanceType<typeof Busboy> {
  if (!/^multipart\/form-data\b/i.test(headers['content-type'] ?? ''))
    throw new CostlaneError('unsupported_media_type', 'The content type has to be multipart/form-data.');
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: { ...LIMITS, fileSize } });
  } catch {
    throw wrongForm('The content type names no boundary of the parts.');
  }
}

/** Undefined: the form leaves it open. */
function keptSecondsOf(fields: ReadonlyMap<string, string>): number | undefined {
  const anchor = fields.get('expires_after[anchor]');
  const seconds = fields.get('expires_after[seconds]');
  if (anchor === undefined && seconds === undefined) return undefined;
  if (anchor !== 'created_at')
    throw new CostlaneError('invalid_request', 'Field "expires_after[anchor]": has to be "created_at".', {
      field: 'expires_after[anchor]',
    });
  const parsed = keptSecondsSchema.safeParse(seconds);
  if (parsed.success) return parsed.data;
  const message = 'Field "expires_after[seconds]": has to be a whole number from 3600 to 2592000.';
  throw new CostlaneError('invalid_request', message, { field: 'expires_after[seconds]' });
}

const wrongForm = (message: string): CostlaneError => new CostlaneError('invalid_request', message);
const hasLeft = (): CostlaneError => new CostlaneError('cancelled', 'The client left before the file was there.');
const tooLarge = (maxFileBytes: number): CostlaneError =>
  new CostlaneError('body_too_large', `A file can have at most ${maxFileBytes} bytes here (FILE_MAX_BYTES).`, {
    field: 'file',
  });
const noRoom = (): CostlaneError =>
  new CostlaneError('invalid_request', 'There is no room for more files (FILE_TENANT_MAX_BYTES): delete some first.', {
    field: 'file',
  });
const wrongPurpose = (purpose: string): CostlaneError => {
  const message = `Field "purpose": "${purpose.slice(0, 40)}" is not served here; only files for batches are ("batch").`;
  return new CostlaneError('invalid_request', message, { field: 'purpose' });
};
const noSuchPart = (name: string | undefined): CostlaneError =>
  new CostlaneError('invalid_request', `The form has a file in "${String(name).slice(0, 40)}"; send it as "file".`, {
    field: 'file',
  });
