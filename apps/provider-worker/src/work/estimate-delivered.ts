import { emptyUsage, estimateTokens, type TokenUsage } from '@costlane/domain';

/** Usage of a stream that ended without one: the prompt counted from the request, the output from what was delivered. An estimate. */
export function estimateDelivered(requestBodyBytes: number, deliveredCharacters: number): TokenUsage {
  return {
    ...emptyUsage,
    freshInputTokens: estimateTokens(requestBodyBytes),
    outputTokens: estimateTokens(deliveredCharacters),
  };
}

/** Providers send about a token an event. */
const CHARACTERS_PER_EVENT = 4;
const EVENT_MARK = Buffer.from('data:');

/** Characters in a part of a stream, near enough for the estimate that a crash makes necessary. */
export function estimateCharacters(bytes: Buffer): number {
  let events = 0;
  for (let at = bytes.indexOf(EVENT_MARK); at >= 0; at = bytes.indexOf(EVENT_MARK, at + EVENT_MARK.length)) events++;
  return events * CHARACTERS_PER_EVENT;
}
