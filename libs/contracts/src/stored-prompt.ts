import type { StoredPrompt } from './completion';
import type { JobHeader } from './job';

/** Longest prompt that is kept, in bytes of UTF-8. */
export const MAX_PROMPT_BYTES = 64 * 1024;
/** So much more of a longer one goes to the ledger, a character at the least: by that it sees that the prompt is not all. */
const SIGN_OF_MORE_BYTES = 4;
const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** A request's body as it goes on record to be kept for `retentionDays`; of a long one what is kept, and a character more. */
export function storedPrompt(body: Buffer, retentionDays: number): StoredPrompt {
  if (body.length <= MAX_PROMPT_BYTES) return { text: body.toString('utf8'), retentionDays };
  let end = MAX_PROMPT_BYTES + SIGN_OF_MORE_BYTES;
  // Never in the middle of a character.
  while (end > 0 && isInside(body[end])) end--;
  return { text: body.toString('utf8', 0, end), retentionDays };
}

/** What the record of a job keeps of its body; undefined where its tenant does not want that. */
export const promptOfJob = (
  { promptRetentionDays }: Pick<JobHeader, 'promptRetentionDays'>,
  body: Buffer,
): StoredPrompt | undefined =>
  promptRetentionDays === undefined ? undefined : storedPrompt(body, promptRetentionDays);
