import type { ModelPrice } from '../money/model-price';

export const modelTiers = ['economy', 'standard', 'premium'] as const;
export type ModelTier = (typeof modelTiers)[number];

/** US dollars per million blended tokens at which a tier ends (exclusive). */
export const tierLimitsUsdPerMillion = { economy: 2.5, standard: 12 } as const;

/** Input tokens for each output token in the blend: the mix that published price comparisons use. */
const inputTokensPerOutputToken = 3;

/**
 * A model's tier by its list price, blended of three input tokens for each output token: below $2.50 per million `economy`
 * (gpt-4o-mini: $0.26), below $12 `standard` (gpt-4o: $4.38), else `premium` (o1: $26.25). A model without a price is
 * `standard`: it is neither known to be cheap nor known to be strong.
 */
export function tierOfPrice(price: ModelPrice | undefined): ModelTier {
  if (!price) return 'standard';
  const input = Number(price.perMillion.freshInput);
  const output = Number(price.perMillion.output ?? price.perMillion.freshInput);
  const blended = (input * inputTokensPerOutputToken + output) / (inputTokensPerOutputToken + 1);
  if (blended < tierLimitsUsdPerMillion.economy) return 'economy';
  return blended < tierLimitsUsdPerMillion.standard ? 'standard' : 'premium';
}

export const isModelTier = (value: unknown): value is ModelTier => modelTiers.includes(value as ModelTier);
