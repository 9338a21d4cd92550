import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { IndexIdentity } from '../../vector-index';
import type { StoredRecord } from '../records';
import type { VectorStore } from '../vector-store';
import { createDigest, encodeFrame, encodePrefix } from './snapshot-format';

/** Bytes gathered before they are hashed and written; about a millisecond of work. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Writes the store's records into a file: first beside it, then in its place, so that a reader never sees half of one. Records that come
 * or go meanwhile may be in it or not.
 */
export async function saveSnapshot(
  file: string,
  identity: IndexIdentity,
  store: VectorStore,
  nowMs: () => number,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await writeAll(handle, identity, store, nowMs);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(
  handle: FileHandle,
  identity: IndexIdentity,
  store: VectorStore,
  nowMs: () => number,
): Promise<void> {
  const digest = createDigest();
  let chunks: Buffer[] = [encodePrefix(identity)];
  let size = 0;
  const flush = async (): Promise<void> => {
    const chunk = Buffer.concat(chunks);
    [chunks, size] = [[], 0];
    digest.update(chunk);
    await handle.writeFile(chunk);
  };
  for (const record of store.records()) {
    if (record.expiresAtMs <= nowMs()) continue;
    const frame = frameOf(record);
    chunks.push(frame);
    size += frame.length;
    if (size >= CHUNK_BYTES) await flush();
  }
  chunks.push(Buffer.alloc(4));
  await flush();
  await handle.writeFile(digest.digest());
}

function frameOf({ id, tenant, group, expiresAtMs, valueNanoUsd, answerBytes, part, slot }: StoredRecord): Buffer {
  const packed = part.arena.readVector(slot);
  const { contextHash, modelClass } = group.names;
  return encodeFrame({
    ...{ id, tenantId: tenant.id, contextHash, modelClass, expiresAtMs },
    ...{ valueNanoUsd, sizeBytes: answerBytes, packed },
  });
}
