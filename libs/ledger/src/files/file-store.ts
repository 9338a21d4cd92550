import { CostlaneError } from '@costlane/domain';
import type { Database } from '../database';
import { cleanText } from '../record/clean-text';
import type { FileListOptions, FileRef, ListedFile, NewFile, StoredFile } from './file-types';
import { dropResults, findFile, listFiles } from './list-files';

/**
 * Files of clients, in Postgres, in pieces of about a megabyte: neither writing nor reading one holds it in memory. All methods throw
 * `DatabaseError`.
 */
export interface FileStore {
  /** Begins an upload, which is no file before `complete`. Undefined: the tenant has no room left. */
  begin(file: NewFile): Promise<FileRef | undefined>;
  /** Writes its next piece, counted from 0. @throws CostlaneError `not_found` when the upload is gone */
  append(ref: FileRef, position: number, bytes: Buffer): Promise<void>;
  /** Makes a file of it, which is there until `expiresAtMs` or for ever. @throws CostlaneError `not_found` when it has not just `pieces` pieces */
  complete(ref: FileRef, pieces: number, expiresAtMs?: number): Promise<StoredFile>;
  /** Gives an upload up. */
  discard(ref: FileRef): Promise<void>;
  /** Undefined: there is none, or its time is over. Results of batches are found as well. */
  get(ref: FileRef): Promise<ListedFile | undefined>;
  list(tenantId: string, options: FileListOptions): Promise<ListedFile[]>;
  /** False: there is none. Results of a batch are deleted with their file. */
  remove(ref: FileRef): Promise<boolean>;
  /** Piece by piece, at the reader's pace. @throws CostlaneError `not_found` for none, and when it is deleted meanwhile */
  read(ref: FileRef): AsyncGenerator<Buffer, void, undefined>;
  /** For the service: files whose time is over, and uploads that nobody has gone on with since. Resolves with how many are gone. */
  deleteOld(options: { abandonedBeforeMs: number; maxFiles?: number }): Promise<number>;
}

const MAX_FILENAME = 255;

// What is being uploaded takes room, too; so an upload may exceed it once, by itself.
const begin = `
  INSERT INTO stored_files (tenant_id, id, purpose, filename)
  SELECT $1, $2, $3, $4
  WHERE $5::bigint IS NULL OR (SELECT coalesce(sum(size_bytes), 0) FROM stored_files WHERE tenant_id = $1) < $5
  RETURNING id`;

const append = `
  WITH file AS (
    UPDATE stored_files SET size_bytes = size_bytes + octet_length($4::bytea), chunk_count = chunk_count + 1, touched_at = now()
    WHERE tenant_id = $1 AND id = $2 AND completed_at IS NULL AND chunk_count = $3::integer
    RETURNING number
  )
  INSERT INTO stored_file_chunks (file_number, position, bytes) SELECT number, $3::integer, $4::bytea FROM file RETURNING position`;

const complete = `
  UPDATE stored_files SET completed_at = now(), expires_at = to_timestamp($4::double precision / 1000)
  WHERE tenant_id = $1 AND id = $2 AND completed_at IS NULL AND chunk_count = $3
  RETURNING purpose, filename, size_bytes, created_at, expires_at`;

const discard = `DELETE FROM stored_files WHERE tenant_id = $1 AND id = $2 AND completed_at IS NULL`;

const remove = `
  DELETE FROM stored_files
  WHERE tenant_id = $1 AND id = $2 AND completed_at IS NOT NULL AND (expires_at IS NULL OR expires_at > now()) RETURNING id`;

const open = `
  SELECT number, chunk_count FROM stored_files
  WHERE tenant_id = $1 AND id = $2 AND completed_at IS NOT NULL AND (expires_at IS NULL OR expires_at > now())`;

const chunk = `SELECT bytes FROM stored_file_chunks WHERE file_number = $1 AND position = $2`;

const deleteOne = `
  DELETE FROM stored_files WHERE number = (
    SELECT number FROM stored_files
    WHERE expires_at <= now() OR (completed_at IS NULL AND touched_at < to_timestamp($1::double precision / 1000))
    LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING id`;

interface CompletedRow {
  purpose: string;
  filename: string;
  size_bytes: string;
  created_at: Date;
  expires_at: Date | null;
}

export function createFileStore(database: Database): FileStore {
  return {
    async begin({ tenantId, fileId, purpose, filename, maxTenantBytes }) {
      const name = cleanText(filename, MAX_FILENAME);
      const rows = await database.query(begin, [tenantId, fileId, purpose, name, maxTenantBytes]);
      return rows.length > 0 ? { tenantId, fileId } : undefined;
    },
    async append({ tenantId, fileId }, position, bytes) {
      const rows = await database.query(append, [tenantId, fileId, position, bytes]);
      if (rows.length === 0) throw gone(fileId);
    },
    async complete({ tenantId, fileId }, pieces, expiresAtMs) {
      const [row] = await database.query<CompletedRow>(complete, [tenantId, fileId, pieces, expiresAtMs]);
      if (!row) throw gone(fileId);
      return {
        tenantId,
        fileId,
        purpose: row.purpose,
        filename: row.filename,
        sizeBytes: Number(row.size_bytes),
        createdAtMs: row.created_at.getTime(),
        expiresAtMs: row.expires_at?.getTime(),
      };
    },
    async discard({ tenantId, fileId }) {
      await database.query(discard, [tenantId, fileId]);
    },
    get: (ref) => findFile(database, ref),
    list: (tenantId, options) => listFiles(database, tenantId, options),
    async remove(ref) {
      const rows = await database.query(remove, [ref.tenantId, ref.fileId]);
      return rows.length > 0 || dropResults(database, ref);
    },
    read: (ref) => readFile(database, ref),
    async deleteOld({ abandonedBeforeMs, maxFiles = 1_000 }) {
      let count = 0;
      // One at a time: each may hold hundreds of megabytes.
      while (count < maxFiles && (await database.query(deleteOne, [abandonedBeforeMs])).length > 0) count += 1;
      return count;
    },
  };
}

async function* readFile(database: Database, ref: FileRef): AsyncGenerator<Buffer, void, undefined> {
  const [file] = await database.query<{ number: string; chunk_count: number }>(open, [ref.tenantId, ref.fileId]);
  if (!file) throw gone(ref.fileId);
  for (let position = 0; position < file.chunk_count; position += 1) {
    const [row] = await database.query<{ bytes: Buffer }>(chunk, [file.number, position]);
    if (!row) throw gone(ref.fileId);
    yield row.bytes;
  }
}

const gone = (fileId: string): CostlaneError => new CostlaneError('not_found', `There is no file "${fileId}".`);
