import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CostlaneError, err, toCostlaneError, type Result } from '@costlane/domain';
import type { FileStore, OpenAiBatch, OpenAiBatchError, OpenAiBatchStore } from '@costlane/ledger';
import type { Logger, Metrics } from '@costlane/platform';
import { readLines, type FileLine } from '../dialects/openai-batches/read-lines';
import { duplicateId, readRequestLine, type RequestLine } from '../dialects/openai-batches/read-request-line';
import { atDatabase } from '../jobs/at-database';
import type { JobService, SubmittedRequest } from '../jobs/job-service';
import { controlsFromHeaders, type RequestControls } from './request-controls';

export interface BatchValidationOptions {
  batches: Pick<OpenAiBatchStore, 'claim' | 'renew' | 'release' | 'submitted' | 'failed' | 'get'>;
  files: Pick<FileStore, 'read'>;
  jobs: Pick<JobService, 'submit' | 'cancel'>;
  /** Names this gateway. */
  validator: string;
  defaults: RequestControls;
  logger: Pick<Logger, 'warn' | 'debug'>;
  metrics: Pick<Metrics, 'fallback'>;
  /** Of one request. */
  maxLineBytes: number;
  /** Of one batch. */
  maxItems: number;
  /** Files that are read at once; default 2. */
  concurrency?: number;
  /** Who has not renewed its claim for so long is taken for dead; default 20,000. */
  leaseMs?: number;
  /** How often what others left is looked for; default 5,000. */
  sweepMs?: number;
  /** How long a file waits that could not be read for a passing reason; default 10,000. */
  retryMs?: number;
  now?: () => number;
}

/**
 * Reads the input files of batches, in the background, and hands them in as jobs; what is wrong with a file ends its batch as failed, with the
 * lines. A batch is claimed while its file is read. Where the gateway dies meanwhile another one reads it anew, and the job is there once: it has
 * the batch's id.
 */
export interface BatchValidation {
  /** There may be something to read. */
  wake(): void;
  /** Looks for what was left, now and then. */
  start(): void;
  /** Leaves what is not done to others, at once. */
  stop(): Promise<void>;
  /** When nothing is being read. */
  idle(): Promise<void>;
}

export function createBatchValidation(options: BatchValidationOptions): BatchValidation {
  return new Validation(options);
}

const MAX_ERRORS = 100;
/** A file whose reader died so often is given up. */
const MAX_ATTEMPTS = 10;
const DEFAULT_RETRY_MS = 10_000;
/** Requests of other doors get their turn: so long is worked, then so long paused. */
const SLICE_MS = 5;

/** What is wrong with the file. */
class FileRefused extends Error {
  constructor(readonly errors: readonly OpenAiBatchError[]) {
    super('the input file is no good');
  }
}

/** The batch is none to be gone on with here. */
class GivenUp extends Error {
  constructor(readonly isLeftToOthers: boolean) {
    super('given up');
  }
}

class Validation implements BatchValidation {
  private readonly loops = new Set<Promise<void>>();
  private readonly leaseMs: number;
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  /** Somebody called while all were busy, one of them perhaps just about to find nothing more. */
  private isCalled = false;

  constructor(private readonly options: BatchValidationOptions) {
    this.leaseMs = options.leaseMs ?? 20_000;
    this.now = options.now ?? Date.now;
  }

  start(): void {
    this.timer = setInterval(() => this.wake(), this.options.sweepMs ?? 5_000).unref();
    this.wake();
  }

  wake(): void {
    if (this.isStopped) return;
    this.isCalled = this.loops.size >= (this.options.concurrency ?? 2);
    if (this.isCalled) return;
    const loop: Promise<void> = this.loop()
      .catch((error: unknown) =>
        this.options.logger.debug(
          { reason: toCostlaneError(error).message },
          'batches to validate cannot be looked for',
        ),
      )
      .finally(() => {
        this.loops.delete(loop);
        if (this.isCalled) this.wake();
      });
    this.loops.add(loop);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.idle();
  }

  async idle(): Promise<void> {
    while (this.loops.size > 0) await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    const { batches, validator } = this.options;
    while (!this.isStopped) {
      const claimed = await atDatabase(batches.claim(validator, this.leaseMs));
      if (!claimed) return;
      this.wake();
      await this.validate(claimed.batch, claimed.attempt);
    }
  }

  private async validate(batch: OpenAiBatch, attempt: number): Promise<void> {
    const { batches, jobs } = this.options;
    const { tenantId, batchId, metadata, createdAtMs, completionWindowMs } = batch;
    try {
      if (attempt > MAX_ATTEMPTS) throw new FileRefused([gaveOut()]);
      const leftMs = Math.max(1_000, createdAtMs + completionWindowMs - this.now());
      const submission = { tenantId, jobId: batchId, kind: 'openai_batch' as const, metadata };
      await jobs.submit({ ...submission, completionWindowMs: leftMs }, this.requests(batch));
      const isNoted = await atDatabase(batches.submitted(batch));
      // Cancelled in the last moment, unless another one was as fast.
      if (!isNoted && (await atDatabase(batches.get(batch)))?.state === 'cancelled')
        await jobs.cancel(tenantId, batchId);
    } catch (error) {
      await this.endWithout(batch, error).catch((second: unknown) => this.noteFailure(batchId, second));
    }
  }

  private async endWithout(batch: OpenAiBatch, error: unknown): Promise<void> {
    const { batches, validator } = this.options;
    if (error instanceof GivenUp) {
      if (error.isLeftToOthers) await atDatabase(batches.release(batch, validator, 0));
      return;
    }
    if (error instanceof FileRefused) return void (await atDatabase(batches.failed(batch, error.errors)));
    const known = toCostlaneError(error);
    if (!known.isRetryable) {
      const { code, message, field: param } = known;
      return void (await atDatabase(batches.failed(batch, [{ code, message, param }])));
    }
    this.noteFailure(batch.batchId, error);
    await atDatabase(batches.release(batch, validator, this.options.retryMs ?? DEFAULT_RETRY_MS));
  }

  private noteFailure(batchId: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.options.metrics.fallback('batch_validation_delayed');
    this.options.logger.warn({ batchId, reason }, 'the input file of a batch could not be read now');
  }

  /** Reads the file to its end, but yields no more once something is wrong. @throws FileRefused, GivenUp */
  private async *requests(batch: OpenAiBatch): AsyncGenerator<SubmittedRequest> {
    const { maxItems, defaults } = this.options;
    const { endpoint, caller, headers } = batch;
    const isShared = controlsFromHeaders(headers, defaults).useCache;
    const errors: OpenAiBatchError[] = [];
    const ids = new Set<string>();
    let count = 0;
    for await (const { number, bytes } of this.lines(batch)) {
      const read = this.read(bytes, endpoint, ids);
      if (!read.ok) errors.push({ ...read.error, line: number });
      else if ((count += 1) > maxItems) throw new FileRefused([tooMany(maxItems)]);
      else if (errors.length === 0) {
        const { customId, body } = read.value;
        yield { customId, isShared, request: { v: 1, endpoint, caller, headers, body } };
      }
      if (errors.length === MAX_ERRORS) break;
    }
    if (errors.length > 0) throw new FileRefused(errors);
    if (count === 0) throw new FileRefused([emptyFile()]);
    await this.keep(batch);
  }

  private async *lines(batch: OpenAiBatch): AsyncGenerator<FileLine> {
    const { files, maxLineBytes } = this.options;
    const { tenantId, inputFileId: fileId } = batch;
    const pace = this.pace(batch);
    try {
      for await (const line of readLines(files.read({ tenantId, fileId }), maxLineBytes)) {
        await pace();
        yield line;
      }
    } catch (error) {
      if (error instanceof CostlaneError && error.code === 'not_found') throw new FileRefused([fileGone(fileId)]);
      throw error;
    }
  }

  private read(bytes: Buffer | undefined, endpoint: string, ids: Set<string>): Result<RequestLine, OpenAiBatchError> {
    if (bytes === undefined) return err(tooLong(this.options.maxLineBytes));
    const read = readRequestLine(bytes, endpoint);
    return read.ok && !isNew(ids, read.value.customId) ? err(duplicateId(read.value.customId)) : read;
  }

  /** To be called line by line. */
  private pace(batch: OpenAiBatch): () => Promise<void> | undefined {
    let sliceEndMs = performance.now() + SLICE_MS;
    let renewAtMs = this.now() + this.leaseMs / 3;
    return () => {
      if (performance.now() < sliceEndMs) return undefined;
      return (async () => {
        if (this.isStopped) throw new GivenUp(true);
        if (this.now() >= renewAtMs) {
          await this.keep(batch);
          renewAtMs = this.now() + this.leaseMs / 3;
        }
        await sleep(SLICE_MS);
        sliceEndMs = performance.now() + SLICE_MS;
      })();
    };
  }

  private async keep(batch: OpenAiBatch): Promise<void> {
    const { batches, validator } = this.options;
    if (!(await atDatabase(batches.renew(batch, validator, this.leaseMs)))) throw new GivenUp(false);
  }
}

/** Remembers sixteen bytes of each, however long they are. */
function isNew(ids: Set<string>, customId: string): boolean {
  const short = createHash('sha256').update(customId).digest().toString('latin1', 0, 16);
  if (ids.has(short)) return false;
  ids.add(short);
  return true;
}

const tooLong = (maxLineBytes: number): OpenAiBatchError => ({
  code: 'line_too_long',
  message: `This line is longer than ${maxLineBytes} bytes (BODY_LIMIT_BYTES).`,
});
const tooMany = (maxItems: number): OpenAiBatchError => ({
  code: 'too_many_tasks',
  message: `The input file has more than ${maxItems} requests (JOB_MAX_ITEMS).`,
});
const emptyFile = (): OpenAiBatchError => ({ code: 'empty_file', message: 'The input file has no requests.' });
const fileGone = (fileId: string): OpenAiBatchError => ({
  code: 'file_not_found',
  message: `The input file '${fileId}' was deleted, or its time was over, before it was read.`,
  param: 'input_file_id',
});
const gaveOut = (): OpenAiBatchError => ({
  code: 'validation_failed',
  message: 'The input file could not be read, in several attempts.',
});
