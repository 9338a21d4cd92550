import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { err, ok, type Result } from '@costlane/domain';
import type { IndexIdentity } from '../../vector-index';
import { vectorBytesOf } from '../arena';
import { createPauses } from '../background';
import type { VectorStore } from '../vector-store';
import {
  DIGEST_BYTES,
  MAGIC,
  MAX_HEADER_BYTES,
  PREFIX_BYTES,
  VERSION,
  createDigest,
  decodeFrame,
} from './snapshot-format';

export interface SnapshotLoad {
  /** Records that are in the index now. */
  loaded: number;
  /** Records that were left out, for their time has passed or newer ones are here. */
  skipped: number;
}

/** Why a snapshot cannot be used: what it holds has to be built anew. */
export interface SnapshotProblem {
  /** `missing`: no file. `foreign`: of another embedder or dimension. `unsupported`: of another version. `damaged`: all else. */
  reason: 'missing' | 'foreign' | 'unsupported' | 'damaged';
  message: string;
}

const SLICE_MS = 2;
/** No record is longer: four texts and a vector. */
const MAX_FRAME_BYTES = 1 << 20;

const problem = (reason: SnapshotProblem['reason'], message: string): Result<never, SnapshotProblem> =>
  err({ reason, message });

/** Reads a snapshot twice: the first time to see that it is whole, the second time into the store. Rejects never. */
export async function loadSnapshot(
  file: string,
  identity: IndexIdentity,
  store: VectorStore,
  nowMs: () => number,
): Promise<Result<SnapshotLoad, SnapshotProblem>> {
  try {
    const checked = await checkFile(file, identity);
    if (!checked.ok) return checked;
    return ok(await readRecords(file, checked.value, identity, store, nowMs));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return problem('missing', `there is no ${file}`);
    return problem('damaged', error instanceof Error ? error.message : String(error));
  }
}

interface Extent {
  /** Where the first record begins, and where the last has ended. */
  from: number;
  to: number;
}

async function checkFile(file: string, identity: IndexIdentity): Promise<Result<Extent, SnapshotProblem>> {
  const head = await checkHead(file, identity);
  if (!head.ok) return head;
  const digest = createDigest();
  let tail = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    read += chunk.length;
    const joined = Buffer.concat([tail, chunk]);
    const rest = Math.max(0, joined.length - DIGEST_BYTES);
    digest.update(joined.subarray(0, rest));
    tail = joined.subarray(rest);
  }
  if (!digest.digest().equals(tail)) return problem('damaged', 'the snapshot is not what was written');
  return ok({ from: head.value, to: read - DIGEST_BYTES - 4 });
}

/** Gives where the header ends. */
async function checkHead(file: string, identity: IndexIdentity): Promise<Result<number, SnapshotProblem>> {
  const handle = await open(file, 'r');
  try {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    const { bytesRead } = await handle.read(prefix, 0, PREFIX_BYTES, 0);
    if (bytesRead < PREFIX_BYTES || prefix.toString('latin1', 0, 4) !== MAGIC)
      return problem('damaged', 'the file is no snapshot');
    if (prefix.readUInt32LE(4) !== VERSION) return problem('unsupported', 'the snapshot is of another version');
    const length = prefix.readUInt32LE(8);
    if (length > MAX_HEADER_BYTES) return problem('damaged', 'the header is too long');
    const text = Buffer.alloc(length);
    await handle.read(text, 0, length, PREFIX_BYTES);
    const header = JSON.parse(text.toString()) as Partial<IndexIdentity>;
    if (header.modelId !== identity.modelId || header.dimension !== identity.dimension)
      return problem('foreign', `the snapshot is of ${header.modelId} with ${header.dimension} dimensions`);
    return ok(PREFIX_BYTES + length);
  } finally {
    await handle.close();
  }
}

async function readRecords(
  file: string,
  { from, to }: Extent,
  identity: IndexIdentity,
  store: VectorStore,
  nowMs: () => number,
): Promise<SnapshotLoad> {
  const vectorBytes = vectorBytesOf(identity.dimension);
  const pauses = createPauses(SLICE_MS);
  const outcome = { loaded: 0, skipped: 0 };
  for await (const frame of framesOf(file, from, to)) {
    const record = decodeFrame(frame, vectorBytes);
    if (record.expiresAtMs <= nowMs() || store.get(record.tenantId, record.id)) outcome.skipped++;
    else {
      store.put(record, nowMs());
      outcome.loaded++;
    }
    if (pauses.isDue()) await pauses.take();
  }
  return outcome;
}

async function* framesOf(file: string, start: number, end: number): AsyncIterable<Buffer> {
  if (end <= start) return;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start, end: end - 1 }) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = rest.readUInt32LE(at);
      if (length > MAX_FRAME_BYTES) throw new RangeError('a record of the snapshot is too long');
      if (rest.length - at - 4 < length) break;
      yield rest.subarray(at + 4, at + 4 + length);
      at += 4 + length;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new RangeError('the snapshot ends within a record');
}
