import type { CompletionRecord } from '@costlane/contracts';
import {
  emptyUsage,
  infrastructureCost,
  MoneyError,
  usageTotals,
  type InfrastructureFacts,
  type InfrastructureRates,
} from '@costlane/domain';

/** What our own machines cost for a record's request, in nano-dollars; 0 for one that makes no sense, which the ledger sets aside by itself. */
export const infrastructureCostBy =
  (rates: InfrastructureRates) =>
  (record: CompletionRecord): number => {
    try {
      return infrastructureCost(factsOfRecord(record), rates);
    } catch (error) {
      if (error instanceof MoneyError) return 0;
      throw error;
    }
  };

/** What a record says of the work that its request was. Where its answer went is not on record: one that could be stored is taken for stored. */
export function factsOfRecord(record: CompletionRecord): InfrastructureFacts {
  const { cacheTier, usage, prompt, errorCode, isHoldout } = record;
  const { promptTokens, completionTokens } = usageTotals(usage ?? emptyUsage);
  const isAsked = cacheTier === 'miss';
  const isCached = !isHoldout && errorCode === undefined;
  return {
    work: isAsked && record.stream ? 'streamed_miss' : cacheTier,
    latencyMs: record.latencyMs,
    inputTokens: promptTokens,
    outputTokens: completionTokens,
    isAnswerKept: isAsked && isCached && record.httpStatus < 400,
    isEmbedded: !isHoldout && (isAsked || cacheTier === 'semantic'),
    prompt: prompt && { bytes: Buffer.byteLength(prompt.text), days: prompt.retentionDays },
  };
}
