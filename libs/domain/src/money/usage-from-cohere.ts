import { emptyUsage, type TokenUsage } from './token-usage';
import { tokenCount, type NormalisedUsage, type UsageFlag } from './usage-from-openai';

type JsonObject = Readonly<Record<string, unknown>>;

const noFlags: readonly UsageFlag[] = Object.freeze([]);

/**
 * Turns the `usage` of Cohere's v2 Chat API into disjoint axes (docs.cohere.com, "Chat" and "How Does Cohere's Pricing Work?",
 * read November 2026).
 *
 * The bill follows `billed_units`. `tokens` counts what the model really saw and said, with what Cohere itself put around the
 * conversation, which nobody pays for; `cached_tokens` is part of `tokens`, and not of the billed units. What Cohere puts in stands
 * in front of the prompt and is the first to be found in a cache, so that only what was cached beyond it counts as a read: the billed
 * input is split between fresh and read, and never grows by it. Thinking and tool plans are part of the output and not told apart.
 *
 * Where there are no billed units the tokens are taken (the dearer reading, flagged). Units that are no tokens (searches,
 * classifications) are flagged: no price per token covers them. Nonsense is clamped and flagged, never thrown at.
 *
 * @returns undefined when there is no usage object at all (a stream cut short): estimate then, do not bill zero.
 */
export function usageFromCohere(usageJson: unknown): NormalisedUsage | undefined {
  if (!isObject(usageJson)) return undefined;
  const flags: UsageFlag[] = [];
  const billed = countsOf(usageJson['billed_units'], flags);
  const seen = countsOf(usageJson['tokens'], flags);
  const input = billed.input ?? seen.input;
  const output = billed.output ?? seen.output;
  if (input === undefined && output === undefined) return undefined;
  if (billed.input === undefined || billed.output === undefined) flags.push('missing_billed_units');
  if (input === undefined) flags.push('missing_prompt_tokens');
  if (output === undefined) flags.push('missing_completion_tokens');
  if (hasOtherUnits(usageJson['billed_units'], flags)) flags.push('billed_beside_tokens');
  const billedInput = input ?? 0;
  const cacheReadTokens = readOf(usageJson, billedInput, seen.input ?? billedInput, flags);
  const usage: TokenUsage = {
    ...emptyUsage,
    freshInputTokens: billedInput - cacheReadTokens,
    cacheReadTokens,
    outputTokens: output ?? 0,
  };
  return { usage, flags: flags.length > 0 ? [...new Set(flags)] : noFlags };
}

interface Counts {
  readonly input: number | undefined;
  readonly output: number | undefined;
}

function countsOf(counts: unknown, flags: UsageFlag[]): Counts {
  if (!isObject(counts)) return { input: undefined, output: undefined };
  return { input: tokenCount(counts['input_tokens'], flags), output: tokenCount(counts['output_tokens'], flags) };
}

/** The part of the billed input that was read from a cache: what was cached beyond the unbilled tokens in front. */
function readOf(usageJson: JsonObject, billedInput: number, seenInput: number, flags: UsageFlag[]): number {
  const cached = tokenCount(usageJson['cached_tokens'], flags) ?? 0;
  if (cached > seenInput) flags.push('cached_exceeds_prompt');
  const unbilled = Math.max(0, seenInput - billedInput);
  return Math.min(Math.max(0, cached - unbilled), billedInput);
}

function hasOtherUnits(billed: unknown, flags: UsageFlag[]): boolean {
  if (!isObject(billed)) return false;
  return ['search_units', 'classifications', 'images'].some((unit) => (tokenCount(billed[unit], flags) ?? 0) > 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
