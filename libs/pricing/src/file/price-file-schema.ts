import { formatDecimal, modelTiers, MoneyError, parseDecimal } from '@costlane/domain';
import { z } from 'zod';

interface DecimalLimits {
  readonly max: number;
  /** Bounds the digits of products of these, so that they can always be reckoned with. */
  readonly maxDecimals: number;
}

/** A non-negative decimal given as a JSON number or a string, kept as a plain decimal string. */
const decimal = (meaning: string, { max, maxDecimals }: DecimalLimits) =>
  z.unknown().transform((value, context) => {
    if (value === undefined) {
      context.addIssue({ code: 'custom', message: `is missing; it must be ${meaning}` });
      return z.NEVER;
    }
    const plain =
      typeof value === 'string' || typeof value === 'number' ? plainDecimal(String(value).trim()) : undefined;
    const decimals = plain?.split('.')[1]?.length ?? 0;
    if (plain !== undefined && Number(plain) <= max && decimals <= maxDecimals) return plain;
    const given = JSON.stringify(value)?.slice(0, 60) ?? String(value);
    context.addIssue({ code: 'custom', message: `must be ${meaning}, as a number or a decimal string, not ${given}` });
    return z.NEVER;
  });

function plainDecimal(text: string): string | undefined {
  try {
    return formatDecimal(parseDecimal(text));
  } catch (error) {
    if (error instanceof MoneyError) return undefined;
    throw error;
  }
}

/** Beyond a thousand dollars per thousand tokens even a price meant per million is nonsense. */
const usdPerThousand = decimal('US dollars per 1,000 tokens, from 0 to 1000', { max: 1_000, maxDecimals: 24 });
const factor = decimal('a factor from 0 to 100', { max: 100, maxDecimals: 6 });
const fraction = decimal('a fraction from 0 to 1 (0.5 for half price)', { max: 1, maxDecimals: 6 });
const moment = z
  .string({ message: 'must be a date such as 2026-12-01 or 2026-12-01T00:00:00Z' })
  .refine((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)), {
    message: 'must be a date such as 2026-12-01 or 2026-12-01T00:00:00Z',
  });

const tokenPrices = {
  input_cost_per_1k_tokens: usdPerThousand,
  output_cost_per_1k_tokens: usdPerThousand,
  cached_input_cost_per_1k_tokens: usdPerThousand.optional(),
  cache_write_cost_per_1k_tokens: usdPerThousand.optional(),
  cache_write_long_cost_per_1k_tokens: usdPerThousand.optional(),
  reasoning_output_cost_per_1k_tokens: usdPerThousand.optional(),
  audio_input_cost_per_1k_tokens: usdPerThousand.optional(),
  cached_audio_input_cost_per_1k_tokens: usdPerThousand.optional(),
  audio_output_cost_per_1k_tokens: usdPerThousand.optional(),
  image_input_cost_per_1k_tokens: usdPerThousand.optional(),
};

const longPrompt = z.object({
  above_tokens: z.int({ message: 'must be a whole number of tokens' }).min(1),
  input_multiplier: factor,
  output_multiplier: factor,
});

const serviceTier = z.union([z.strictObject({ multiplier: factor }), z.strictObject(tokenPrices)], {
  message: 'must be {"multiplier": …} or prices with input_cost_per_1k_tokens and output_cost_per_1k_tokens',
});

/** More tokens than any model can hold, so that a slip of the hand is told. */
const mostTokens = 100_000_000;
const tokens = z.int({ message: 'must be a whole number of tokens' }).min(1).max(mostTokens);
const yesOrNo = z.boolean({ message: 'must be true or false' });

/** What the model can do; each overrides what the built-in facts say. */
const factFields = {
  context_tokens: tokens.optional(),
  max_output_tokens: tokens.optional(),
  tier: z.enum(modelTiers, { message: `must be one of ${modelTiers.join(', ')}` }).optional(),
  quality: decimal('a share from 0 to 1', { max: 1, maxDecimals: 6 }).optional(),
  supports_tools: yesOrNo.optional(),
  supports_vision: yesOrNo.optional(),
  supports_audio: yesOrNo.optional(),
  supports_json_mode: yesOrNo.optional(),
  supports_json_schema: yesOrNo.optional(),
  supports_reasoning: yesOrNo.optional(),
  supports_logprobs: yesOrNo.optional(),
};

/** One price of a model in the file. Unknown fields are warned about, not refused, so that notes can be kept beside prices. */
export const priceEntrySchema = z
  .looseObject({
    ...tokenPrices,
    ...factFields,
    batch_discount: fraction.optional(),
    service_tiers: z.record(z.string(), serviceTier).optional(),
    long_prompt: longPrompt.optional(),
    valid_from: moment.optional(),
    valid_to: moment.optional(),
  })
  .refine(
    ({ valid_from: from, valid_to: to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to),
    {
      path: ['valid_to'],
      message: 'must be later than valid_from',
    },
  );

/** An entry that says what a model can do and leaves its price to the list. */
export const factsEntrySchema = z.looseObject(factFields);

export type PriceEntry = z.infer<typeof priceEntrySchema>;
export type FactFields = z.infer<typeof factsEntrySchema>;
export type TokenPriceFields = z.infer<z.ZodObject<typeof tokenPrices>>;

export const knownEntryFields: ReadonlySet<string> = new Set(Object.keys(priceEntrySchema.shape));
const knownFactFields: ReadonlySet<string> = new Set(Object.keys(factFields));

/** Of the fields that are known, the entry has facts and nothing of a price. */
export function hasFactsOnly(entry: Readonly<Record<string, unknown>>): boolean {
  const known = Object.keys(entry).filter((field) => knownEntryFields.has(field));
  return known.length > 0 && known.every((field) => knownFactFields.has(field));
}

/** Keys that people use for comments in JSON. */
export const isCommentKey = (key: string): boolean => key.startsWith('_') || key.startsWith('$');
