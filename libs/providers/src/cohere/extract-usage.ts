import { usageFromCohere } from '@costlane/domain';
import { openAiUsage } from '../translation/openai-usage';
import type { ExtractedUsage } from '../translation/translator';

/** Reads the usage of an answer, or of the event that ends a stream. Cohere has one tier and names none. */
export function extractUsage(usageJson: unknown): ExtractedUsage | undefined {
  const usage = usageFromCohere(usageJson)?.usage;
  return usage && { usage, openAi: openAiUsage(usage) };
}
