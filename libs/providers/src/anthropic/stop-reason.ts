/** Claude's reasons to stop in OpenAI's words ("Handling stop reasons", read November 2026). */
const finishReasons: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** Clients know a few reasons only: one that has no translation ends the answer plainly, and keeps it from being cached. */
export const finishReasonOf = (stopReason: string | undefined): string =>
  (stopReason !== undefined && Object.hasOwn(finishReasons, stopReason) ? finishReasons[stopReason] : undefined) ??
  'stop';

/** After these the answer is whole and may be given again. */
const wholeReasons = new Set(['end_turn', 'stop_sequence', 'tool_use']);

export const isWholeStop = (stopReason: string | undefined): boolean =>
  stopReason !== undefined && wholeReasons.has(stopReason);

/** The prompt and its answer did not fit: Anthropic says so with status 200, and charges for it. */
export const isOverflow = (stopReason: string | undefined): boolean => stopReason === 'model_context_window_exceeded';
