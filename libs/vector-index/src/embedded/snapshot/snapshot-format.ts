import { createHash, type Hash } from 'node:crypto';
import type { IndexIdentity } from '../../vector-index';
import type { PackedRecord } from '../vector-store';

/*
 * A snapshot: "CLVI", u32 version, u32 length of the header, the header as JSON, then a frame for each record, then an empty frame, then
 * the SHA-256 of all before it. Numbers are little-endian.
 * A frame: u32 length of what follows, f64 expiresAtMs, f64 valueNanoUsd, f64 sizeBytes, for each of four texts (id, tenant, context,
 * model class) its u32 length and its bytes, the vector as slots have it.
 */

export const MAGIC = 'CLVI';
export const VERSION = 1;
export const PREFIX_BYTES = 12;
export const DIGEST_BYTES = 32;
const NUMBERS_BYTES = 24;
/** No header is longer. */
export const MAX_HEADER_BYTES = 65_536;

export const createDigest = (): Hash => createHash('sha256');

export function encodePrefix(identity: IndexIdentity): Buffer {
  const header = Buffer.from(JSON.stringify({ modelId: identity.modelId, dimension: identity.dimension }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(VERSION, 4);
  prefix.writeUInt32LE(header.length, 8);
  return Buffer.concat([prefix, header]);
}

export function encodeFrame(record: PackedRecord): Buffer {
  const texts = [record.id, record.tenantId, record.contextHash, record.modelClass].map((text) => Buffer.from(text));
  const textBytes = texts.reduce((sum, text) => sum + 4 + text.length, 0);
  const frame = Buffer.alloc(4 + NUMBERS_BYTES + textBytes + record.packed.length);
  let at = frame.writeUInt32LE(frame.length - 4, 0);
  for (const value of [record.expiresAtMs, record.valueNanoUsd ?? 0, record.sizeBytes ?? 0])
    at = frame.writeDoubleLE(value, at);
  for (const text of texts) {
    at = frame.writeUInt32LE(text.length, at);
    at += text.copy(frame, at);
  }
  frame.set(record.packed, at);
  return frame;
}

/** The record of a frame without its length. Throws a RangeError where the frame is shorter than it says. */
export function decodeFrame(frame: Buffer, vectorBytes: number): PackedRecord {
  let at = NUMBERS_BYTES;
  const readText = (): string => {
    const length = frame.readUInt32LE(at);
    const text = frame.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    return text;
  };
  const [id, tenantId, contextHash, modelClass] = [readText(), readText(), readText(), readText()];
  if (frame.length - at !== vectorBytes) throw new RangeError('a record of a snapshot has a vector of another length');
  return {
    id,
    tenantId,
    contextHash,
    modelClass,
    expiresAtMs: frame.readDoubleLE(0),
    valueNanoUsd: frame.readDoubleLE(8),
    sizeBytes: frame.readDoubleLE(16),
    packed: frame.subarray(at),
  };
}
