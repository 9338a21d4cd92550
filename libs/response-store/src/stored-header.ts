import type { CachedAnswerHeader } from '@costlane/contracts';

export interface StoredHeader {
  header: CachedAnswerHeader;
  tag?: string;
}

const NEW_LINE = 0x0a;

/**
 * The header of a stored answer from the first bytes of its stored form, so that an index can be rebuilt without reading the answers.
 * `cut`: the header is longer than these bytes. Undefined for what another version wrote or what is damaged.
 */
export function decodeStoredHeader(start: Buffer): StoredHeader | 'cut' | undefined {
  const end = start.indexOf(NEW_LINE);
  if (end < 0) return start.length > 0 ? 'cut' : undefined;
  try {
    const { header, tag } = JSON.parse(start.toString('utf8', 0, end)) as Partial<StoredHeader>;
    return header?.v === 1 ? { header, tag } : undefined;
  } catch {
    return undefined;
  }
}
