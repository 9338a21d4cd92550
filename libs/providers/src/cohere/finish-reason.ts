const reasons: Readonly<Record<string, string>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
};

/** Cohere's reason to stop in OpenAI's words; one that has no translation ends the answer plainly, and keeps it from being cached. */
export const finishReasonOf = (reason: string | undefined): string =>
  (reason !== undefined && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined) ?? 'stop';

/** After these an answer is whole and may be given again. */
export const isWholeFinish = (reason: string | undefined): boolean =>
  reason === 'COMPLETE' || reason === 'STOP_SEQUENCE' || reason === 'TOOL_CALL';

/** These end an answer because something went wrong at Cohere, in an answer with status 200 and at the end of a stream. */
export const isFailedFinish = (reason: string | undefined): boolean => reason === 'ERROR' || reason === 'TIMEOUT';
