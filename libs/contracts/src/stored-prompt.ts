import type { StoredPrompt } from './completion';
import type { JobHeader } from './job';

/** Longest prompt that is kept, in bytes of UTF-8; what is longer is cut, and says so. */
export const MAX_PROMPT_BYTES = 64 * 1024;
/** Leaves room for the note. */
const KEPT_BYTES = MAX_PROMPT_BYTES - 64;
const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** A request's body as it is kept for `retentionDays`, at most {@link MAX_PROMPT_BYTES} long. */
export function storedPrompt(body: Buffer, retentionDays: number): StoredPrompt {
  if (body.length <= MAX_PROMPT_BYTES) return { text: body.toString('utf8'), retentionDays };
  let end = KEPT_BYTES;
  // Never in the middle of a character.
  while (end > 0 && isInside(body[end])) end--;
  return { text: `${body.toString('utf8', 0, end)}\n[cut: ${body.length} bytes in all]`, retentionDays };
}

/** What the record of a job keeps of its body; undefined where its tenant does not want that. */
export const promptOfJob = (
  { promptRetentionDays }: Pick<JobHeader, 'promptRetentionDays'>,
  body: Buffer,
): StoredPrompt | undefined =>
  promptRetentionDays === undefined ? undefined : storedPrompt(body, promptRetentionDays);
