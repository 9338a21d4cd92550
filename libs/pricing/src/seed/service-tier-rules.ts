import type { ModelPrice, ServiceTierPrice, TokenPrices } from '@costlane/domain';

/** Edition of the rules in this file; part of the version of every price they touch. */
export const serviceTierRulesVersion = 'tiers.2026-11b';

interface PriorityPrice {
  /** The standard input price that stood beside it; with any other the row is out of date and is not used. */
  readonly standardInput: string;
  readonly perMillion: TokenPrices;
  /** Not read on the page named below. */
  readonly isAssumed?: boolean;
}

const row = (standardInput: string, freshInput: string, cacheRead: string | null, output: string): PriorityPrice => ({
  standardInput,
  perMillion: { freshInput, output, ...(cacheRead === null ? {} : { cacheRead }) },
});

/**
 * OpenAI, priority processing, dollars per million: standard input, then priority input, cached input, output.
 * Source: openai.com/api-priority-processing, read November 2026. Long prompts are not served at priority, so the
 * standard long-prompt prices hold there. gpt-4o-mini is from LiteLLM's price list; o3 and o4-mini were found in neither
 * and are marked as assumed.
 */
const openAiPriority: Readonly<Record<string, PriorityPrice>> = {
  'gpt-5.5': row('5', '12.5', '1.25', '75'),
  'gpt-5.4': row('2.5', '5', '0.5', '30'),
  'gpt-5.4-mini': row('0.75', '1.5', '0.15', '9'),
  'gpt-5.2': row('1.75', '3.5', '0.35', '28'),
  'gpt-5.1': row('1.25', '2.5', '0.25', '20'),
  'gpt-5': row('1.25', '2.5', '0.25', '20'),
  'gpt-5-mini': row('0.25', '0.45', '0.045', '3.6'),
  'gpt-4.1': row('2', '3.5', '0.875', '14'),
  'gpt-4.1-mini': row('0.4', '0.7', '0.175', '2.8'),
  'gpt-4.1-nano': row('0.1', '0.2', '0.05', '0.8'),
  'gpt-4o': row('2.5', '4.25', '2.125', '17'),
  'gpt-4o-2024-05-13': row('5', '8.75', null, '26.25'),
  'gpt-4o-mini': row('0.15', '0.25', '0.125', '1'),
  o3: { ...row('2', '3.5', '0.875', '14'), isAssumed: true },
  'o4-mini': { ...row('1.1', '2', '0.5', '8'), isAssumed: true },
};

const half: ServiceTierPrice = { multiplier: '0.5' };
const halfOff = '0.5';

type TierRules = Pick<ModelPrice, 'batchDiscount' | 'serviceTiers' | 'regions'>;

/** Requests that were bound to the United States; models that cannot be bound do not say where they ran. */
const boundToUs = { us: { multiplier: '1.1' } };

/**
 * What the seed list does not carry: the prices of service tiers and of the Batch API, by provider.
 *
 * - OpenAI: batch and flex half price; priority (also called fast) as listed above, else assumed twice the standard
 *   price, which is what most models ask.
 * - Google: batch and flex half price; priority +75 to +100 % by model, assumed 1.8 times.
 * - Anthropic: batches half price; requests bound to the US (`inference_geo`, Claude 4.6 and later) 1.1 times on every token
 *   (platform.claude.com, "Data residency", read November 2026).
 * - Others: no rule; another tier is charged at the standard price and flagged.
 */
export function serviceTierRules(provider: string, model: string, standard: TokenPrices): TierRules {
  switch (provider) {
    case 'openai': {
      const priority = openAiPriorityPrice(model, standard);
      return { batchDiscount: halfOff, serviceTiers: { flex: half, priority, fast: priority } };
    }
    case 'google':
      return {
        batchDiscount: halfOff,
        serviceTiers: { flex: half, priority: { multiplier: '1.8', isAssumed: true } },
      };
    case 'anthropic':
      return { batchDiscount: halfOff, regions: boundToUs };
    default:
      return {};
  }
}

function openAiPriorityPrice(model: string, standard: TokenPrices): ServiceTierPrice {
  const listed = Object.hasOwn(openAiPriority, model) ? openAiPriority[model] : undefined;
  return listed && listed.standardInput === standard.freshInput
    ? { perMillion: listed.perMillion, isAssumed: listed.isAssumed }
    : { multiplier: '2', isAssumed: true };
}
