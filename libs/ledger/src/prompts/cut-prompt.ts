/** Longest prompt that is kept, in bytes of UTF-8. */
export const PROMPT_LIMIT_BYTES = 64 * 1_024;

export interface CutPrompt {
  text: string;
  isCut: boolean;
}

/** A prompt as the table takes it: without NUL, cut to whole characters within `limitBytes`. */
export function cutPrompt(text: string, limitBytes = PROMPT_LIMIT_BYTES): CutPrompt {
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  // No character takes more than three bytes for each of its UTF-16 units.
  if (clean.length * 3 <= limitBytes) return { text: clean, isCut: false };
  const bytes = Buffer.from(clean, 'utf8');
  if (bytes.length <= limitBytes) return { text: clean, isCut: false };
  let end = limitBytes;
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return { text: bytes.toString('utf8', 0, end), isCut: true };
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
