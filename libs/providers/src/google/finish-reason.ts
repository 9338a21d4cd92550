/** Reasons of Google's that end an answer for what is in it ("FinishReason", "BlockReason", read November 2026). */
const filterReasons = new Set(
  'SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION'.split(
    ' ',
  ),
);

/**
 * Gemini's reason to stop in OpenAI's words. Clients know a few reasons only: one that has no translation (a call that was
 * malformed, say) ends the answer plainly, and keeps it from being cached.
 */
export function finishReasonOf(reason: string | undefined, hasCalls: boolean): string {
  if (reason === 'MAX_TOKENS') return 'length';
  if (reason !== undefined && filterReasons.has(reason)) return 'content_filter';
  return reason === 'STOP' && hasCalls ? 'tool_calls' : 'stop';
}

/** After this an answer is whole and may be given again. */
export const isWholeFinish = (reason: string | undefined): boolean => reason === 'STOP';

/** A prompt that was blocked has no answer at all, whatever it was blocked for. */
export const BLOCKED_PROMPT = 'PROHIBITED_CONTENT';
