import type { CachedAnswerHeader } from '@costlane/contracts';

/** A stored answer: its header and the provider's bytes as they came. */
export interface CachedAnswer {
  header: CachedAnswerHeader;
  body: Buffer;
  tag?: string;
}

const NEW_LINE = 0x0a;

/** Stored form: the header as one line of JSON, then the bytes. */
export function encodeAnswer(answer: CachedAnswer): Buffer {
  const { header, tag } = answer;
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(tag === undefined ? { header } : { header, tag })}\n`),
    answer.body,
  ]);
}

/** Inverse of {@link encodeAnswer}; undefined for what another version wrote or what is damaged: that is a miss, never an error. */
export function decodeAnswer(stored: Buffer): CachedAnswer | undefined {
  const end = stored.indexOf(NEW_LINE);
  if (end < 0) return undefined;
  try {
    const { header, tag } = JSON.parse(stored.toString('utf8', 0, end)) as {
      header?: CachedAnswerHeader;
      tag?: string;
    };
    if (header?.v !== 1) return undefined;
    return { header, body: stored.subarray(end + 1), tag };
  } catch {
    return undefined;
  }
}
