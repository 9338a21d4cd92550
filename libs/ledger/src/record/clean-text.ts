import { createHash } from 'node:crypto';

/** Postgres text cannot hold U+0000. */
const NUL = '\0';
const DIGEST_CHARACTERS = 16;

/**
 * Text as a column takes it: without NUL, at most `limit` UTF-16 units. What is cut ends in a digest of the whole, so that two long
 * names that begin alike stay two names in every sum.
 */
export function cleanText(text: string, limit: number): string {
  if (text.length <= limit && !text.includes(NUL)) return text;
  const clean = text.replaceAll(NUL, '');
  if (clean.length <= limit) return clean;
  const digest = createHash('sha256').update(clean).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `${clean.slice(0, limit - DIGEST_CHARACTERS - 1)}~${digest}`;
}
