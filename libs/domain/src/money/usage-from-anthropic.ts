import { emptyUsage, type TokenUsage } from './token-usage';
import { tokenCount, type NormalisedUsage, type UsageFlag } from './usage-from-openai';

type JsonObject = Readonly<Record<string, unknown>>;

const noFlags: readonly UsageFlag[] = Object.freeze([]);

/**
 * Turns the `usage` of Anthropic's Messages API into disjoint axes (platform.claude.com, "Messages" and "Prompt caching",
 * read November 2026).
 *
 * Unlike in OpenAI's dialect `input_tokens` are those that no cache had anything to do with: reads and writes come on top.
 * Thinking is part of `output_tokens`. Writes are told by lifetime (`cache_creation`) and as a sum; what only the sum has is
 * taken for the five minutes that are the default. A request that was bound to a place (`inference_geo: us`) names it, for it costs more
 * ("Data residency"). Searches and other tools of Anthropic's own, which are billed by the piece, are flagged. Nonsense is clamped and flagged, never thrown at.
 *
 * In a stream `message_delta` reports running totals and leaves out what it has nothing new to say about: merge it over what
 * `message_start` said ({@link mergeAnthropicUsage}) and call this with the result.
 *
 * @returns undefined when there is no usage object at all (a stream cut short): estimate then, do not bill zero.
 */
export function usageFromAnthropic(usageJson: unknown): NormalisedUsage | undefined {
  if (!isObject(usageJson)) return undefined;
  const flags: UsageFlag[] = [];
  const input = tokenCount(usageJson['input_tokens'], flags);
  const output = tokenCount(usageJson['output_tokens'], flags);
  if (input === undefined && output === undefined) return undefined;
  if (input === undefined) flags.push('missing_prompt_tokens');
  if (output === undefined) flags.push('missing_completion_tokens');
  if (usesServerTools(usageJson['server_tool_use'], flags)) flags.push('billed_beside_tokens');
  const usage: TokenUsage = {
    ...emptyUsage,
    freshInputTokens: input ?? 0,
    cacheReadTokens: tokenCount(usageJson['cache_read_input_tokens'], flags) ?? 0,
    ...cacheWrites(usageJson, flags),
    ...splitOutput(usageJson, output ?? 0, flags),
    ...regionOf(usageJson['inference_geo']),
  };
  return { usage, flags: flags.length > 0 ? [...new Set(flags)] : noFlags };
}

/** What a stream has reported so far with what it reports now: totals replace totals, unless they are left out or null. */
export function mergeAnthropicUsage(before: unknown, now: unknown): JsonObject | undefined {
  if (!isObject(now)) return isObject(before) ? before : undefined;
  if (!isObject(before)) return now;
  const told = Object.entries(now).filter(([, value]) => value !== null && value !== undefined);
  return { ...before, ...Object.fromEntries(told) };
}

function cacheWrites(
  usage: JsonObject,
  flags: UsageFlag[],
): Pick<TokenUsage, 'cacheWriteShortTokens' | 'cacheWriteLongTokens'> {
  const byLifetime = isObject(usage['cache_creation']) ? usage['cache_creation'] : {};
  const short = tokenCount(byLifetime['ephemeral_5m_input_tokens'], flags) ?? 0;
  const long = tokenCount(byLifetime['ephemeral_1h_input_tokens'], flags) ?? 0;
  const sum = tokenCount(usage['cache_creation_input_tokens'], flags);
  if (sum !== undefined && short + long > 0 && sum !== short + long) flags.push('total_mismatch');
  const unnamed = Math.max(0, (sum ?? 0) - short - long);
  return { cacheWriteShortTokens: short + unnamed, cacheWriteLongTokens: long };
}

function splitOutput(
  usage: JsonObject,
  output: number,
  flags: UsageFlag[],
): Pick<TokenUsage, 'outputTokens' | 'reasoningTokens'> {
  const details = isObject(usage['output_tokens_details']) ? usage['output_tokens_details'] : {};
  const reported = tokenCount(details['thinking_tokens'], flags) ?? 0;
  const thinking = Math.min(reported, output);
  if (thinking < reported) flags.push('reasoning_exceeds_completion');
  return { outputTokens: output - thinking, reasoningTokens: thinking };
}

/** `global` may run anywhere; of older models it is not told (`not_available`). */
function regionOf(geo: unknown): Pick<TokenUsage, 'region'> {
  return typeof geo === 'string' && regionPattern.test(geo) && !anywhere.has(geo) ? { region: geo } : {};
}

const regionPattern = /^[a-z][a-z0-9_-]{0,31}$/;
const anywhere: ReadonlySet<string> = new Set(['global', 'not_available']);

function usesServerTools(counts: unknown, flags: UsageFlag[]): boolean {
  return isObject(counts) && Object.values(counts).some((count) => (tokenCount(count, flags) ?? 0) > 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
