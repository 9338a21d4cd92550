import { CostlaneError } from '@costlane/domain';
import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import { cleanText } from '../record/clean-text';
import { jobColumns, toJob, type JobRow } from './job-row';
import type { BatchJob, JobRef, NewItem, NewJob } from './job-types';
import { packBuffers } from './pack-buffers';

const MAX_CHUNK_ITEMS = 2_000;
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_CUSTOM_ID = 512;

const insertJob = `
  INSERT INTO batch_jobs (tenant_id, id, kind, metadata, webhook_url, webhook_secret_ref, completion_window_ms, deadline_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::double precision / 1000))
  ON CONFLICT (tenant_id, id) DO NOTHING RETURNING ${jobColumns}`;

// Repeated after a lost answer, it changes nothing.
const insertItems = `
  WITH job AS (
    SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2 AND sealed_at IS NULL AND finished_at IS NULL FOR KEY SHARE
  ), given AS (
    SELECT * FROM unnest($3::integer[], $4::text[], $5::text[], $6::integer[], $7::integer[])
      AS given (item_index, custom_id, fingerprint, start, length)
  ), items AS (
    INSERT INTO batch_items (job_number, item_index, custom_id, fingerprint, size_bytes)
    SELECT number, item_index, custom_id, fingerprint, length FROM given, job
    ON CONFLICT (job_number, item_index) DO NOTHING
  ), requests AS (
    INSERT INTO batch_requests (job_number, item_index, request)
    SELECT number, item_index, substring($8::bytea FROM start FOR length) FROM given, job
    ON CONFLICT (job_number, item_index) DO NOTHING
  )
  SELECT number FROM job`;

const seal = `
  WITH job AS (
    SELECT number FROM batch_jobs
    WHERE tenant_id = $1 AND id = $2 AND sealed_at IS NULL AND finished_at IS NULL FOR NO KEY UPDATE
  ), counted AS (
    SELECT count(*)::integer AS total FROM batch_items WHERE job_number = (SELECT number FROM job)
  ), leaders AS (
    SELECT fingerprint, min(item_index) AS leader FROM batch_items
    WHERE job_number = (SELECT number FROM job) AND fingerprint IS NOT NULL AND (SELECT total FROM counted) = $3
    GROUP BY fingerprint HAVING count(*) > 1
  ), marked AS (
    UPDATE batch_items i SET leader_index = l.leader FROM leaders l
    WHERE i.job_number = (SELECT number FROM job) AND i.fingerprint = l.fingerprint AND i.item_index <> l.leader
    RETURNING 1
  )
  UPDATE batch_jobs SET sealed_at = now(), total = $3, duplicates = (SELECT count(*) FROM marked), id = coalesce($4, id), request_hash = $5
  WHERE number = (SELECT number FROM job) AND (SELECT total FROM counted) = $3
  RETURNING ${jobColumns}`;

/** Undefined: there is a job of this tenant and id already. */
export async function createJob(database: Database, job: NewJob): Promise<BatchJob | undefined> {
  const { webhook, metadata = {} } = job;
  const [row] = await database.query<JobRow>(insertJob, [
    job.tenantId,
    job.jobId,
    job.kind,
    JSON.stringify(metadata),
    webhook?.url,
    webhook?.secretRef,
    job.completionWindowMs,
    job.deadlineAtMs,
  ]);
  return row && toJob(row);
}

/** A chunk as it is sent: bounded in items and bytes, so that a job of any length passes through in little memory. */
class Chunk {
  private items: NewItem[] = [];
  private sizeBytes = 0;

  constructor(private firstIndex: number) {}

  add(item: NewItem): void {
    this.items.push(item);
    this.sizeBytes += item.request.length;
  }

  get isFull(): boolean {
    return this.items.length >= MAX_CHUNK_ITEMS || this.sizeBytes >= MAX_CHUNK_BYTES;
  }

  get length(): number {
    return this.items.length;
  }

  async send(database: Database, { tenantId, jobId }: JobRef): Promise<void> {
    const { items, firstIndex } = this;
    const { blob, starts, lengths } = packBuffers(items.map(({ request }) => request));
    const rows = await database.query(insertItems, [
      tenantId,
      jobId,
      arrayLiteral(items.map((_, offset) => firstIndex + offset)),
      arrayLiteral(items.map(({ customId }) => customId && cleanText(customId, MAX_CUSTOM_ID))),
      arrayLiteral(items.map(({ fingerprint }) => fingerprint)),
      arrayLiteral(starts),
      arrayLiteral(lengths),
      blob,
    ]);
    if (rows.length === 0) throw new CostlaneError('not_found', 'There is no job that takes items under this id.');
    this.firstIndex += items.length;
    this.items = [];
    this.sizeBytes = 0;
  }
}

/**
 * Writes items as they come, numbered from `firstIndex`, and resolves with how many those were. One chunk is in memory at a time: the
 * source is not read on while it is written. May be repeated from the same index after an error.
 * @throws CostlaneError `not_found` for a job that is not there or is sealed; DatabaseError
 */
export async function addItems(
  database: Database,
  ref: JobRef,
  items: Iterable<NewItem> | AsyncIterable<NewItem>,
  firstIndex: number,
): Promise<number> {
  const chunk = new Chunk(firstIndex);
  let count = 0;
  for await (const item of items) {
    chunk.add(item);
    count += 1;
    if (chunk.isFull) await chunk.send(database, ref);
  }
  if (chunk.length > 0) await chunk.send(database, ref);
  return count;
}

export interface SealOptions {
  /** The id under which it is accepted, where that is to be another one: of several handed in for one id, one is accepted. */
  jobId?: string;
  /** Kept with it. */
  requestHash?: string;
}

/**
 * Accepts the job: from now on it runs, and takes no more items. Undefined where it has another number of items than expected, is sealed
 * already or is not there.
 * @throws DatabaseError with SQLSTATE 23505 where the tenant has a job of the id that it is to get
 */
export async function sealJob(
  database: Database,
  ref: JobRef,
  total: number,
  { jobId, requestHash }: SealOptions,
): Promise<BatchJob | undefined> {
  const [row] = await database.query<JobRow>(seal, [ref.tenantId, ref.jobId, total, jobId, requestHash]);
  return row && toJob(row);
}
