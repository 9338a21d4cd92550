import { exactIndexKey, exactKey } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import { decodeStoredHeader, type StoredHeader } from '@costlane/response-store';
import type { SemanticEntry } from './semantic-entry';

/** Reads stored questions back from the exact tier: the one place where they are kept for good. */
export interface EntrySource {
  /** In the order of the fingerprints; undefined where there is none (any more), or none that may serve others. */
  read(tenantId: string, fingerprints: readonly string[]): Promise<(SemanticEntry | undefined)[]>;
  /** All of a tenant's, in portions. Stops early when `isWanted` says so. */
  scan(tenantId: string, isWanted: () => boolean): AsyncGenerator<SemanticEntry[]>;
}

/** Headers hold a question of a few hundred bytes; the rare longer one is read again. */
const FIRST_READ_BYTES = 2_048;
const SECOND_READ_BYTES = 64 * 1024;
const PORTION = 500;

export function createEntrySource(redis: Redis): EntrySource {
  const read = async (tenantId: string, fingerprints: readonly string[]): Promise<(SemanticEntry | undefined)[]> => {
    if (fingerprints.length === 0) return [];
    const headers = await readHeaders(redis, tenantId, fingerprints);
    return fingerprints.map((fingerprint, at) => {
      const found = headers[at];
      return found && entryOf(tenantId, fingerprint, found);
    });
  };
  return {
    read,
    async *scan(tenantId, isWanted) {
      // A scan, not ranges: what is there from beginning to end comes for certain, whatever comes and goes meanwhile.
      let cursor = '0';
      do {
        const [next, found] = await redis.zscan(exactIndexKey(tenantId), cursor, 'COUNT', PORTION);
        cursor = next;
        // Members and scores in turn; a small set comes whole, whatever COUNT says.
        const fingerprints = found.filter((_, at) => at % 2 === 0).map((member) => member.split('|', 1)[0] as string);
        for (let start = 0; start < fingerprints.length && isWanted(); start += PORTION)
          yield (await read(tenantId, fingerprints.slice(start, start + PORTION))).filter(
            (entry) => entry !== undefined,
          );
      } while (cursor !== '0' && isWanted());
    },
  };
}

interface FoundHeader extends StoredHeader {
  remainingMs: number;
  sizeBytes: number;
}

async function readHeaders(
  redis: Redis,
  tenantId: string,
  fingerprints: readonly string[],
): Promise<(FoundHeader | undefined)[]> {
  const pipeline = redis.pipeline();
  for (const fingerprint of fingerprints) {
    const key = exactKey(tenantId, fingerprint);
    pipeline
      .getrangeBuffer(key, 0, FIRST_READ_BYTES - 1)
      .pttl(key)
      .strlen(key);
  }
  const replies = (await pipeline.exec()) ?? [];
  return Promise.all(
    fingerprints.map(async (fingerprint, at) => {
      const [start, ttl, size] = [0, 1, 2].map((offset) => replies[3 * at + offset]?.[1]);
      if (!Buffer.isBuffer(start) || start.length === 0 || typeof ttl !== 'number' || ttl <= 0) return undefined;
      let decoded = decodeStoredHeader(start);
      if (decoded === 'cut')
        decoded = decodeStoredHeader(
          await redis.getrangeBuffer(exactKey(tenantId, fingerprint), 0, SECOND_READ_BYTES - 1),
        );
      if (decoded === undefined || decoded === 'cut') return undefined;
      return { ...decoded, remainingMs: ttl, sizeBytes: Number(size) };
    }),
  );
}

function entryOf(
  tenantId: string,
  fingerprint: string,
  { header, tag, remainingMs, sizeBytes }: FoundHeader,
): SemanticEntry | undefined {
  if (!header.semantic) return undefined;
  return {
    tenantId,
    fingerprint,
    text: header.semantic.text,
    contextHash: header.semantic.contextHash,
    model: header.modelAsked,
    tag,
    createdAtMs: header.createdAtMs,
    expiresAtMs: Date.now() + remainingMs,
    valueNanoUsd: header.baselineNanoUsd,
    sizeBytes,
  };
}
