// The models of the simulation. Every figure here is an assumption, chosen in round numbers to look like three generations of models; none was measured.

/** Probability to answer rightly, by the difficulty that the prompt set gives. */
const abilities = {
  economy: { simple: 0.95, moderate: 0.75, complex: 0.4 },
  standard: { simple: 0.98, moderate: 0.9, complex: 0.7 },
  premium: { simple: 0.99, moderate: 0.95, complex: 0.88 },
};

/** Share of a model's draws that are common to all models: what is hard for one is often hard for the others. */
export const commonShare = 0.7;
/** Share of wrong answers that show it: refused, empty, cut off, or of broken form. */
export const visibleShare = 0.3;

const everything = {
  tools: true,
  vision: true,
  audio: false,
  jsonMode: true,
  jsonSchema: true,
  reasoning: false,
  logprobs: false,
};

/** `quality` is the mean of the abilities; the second standard model is dearer and faster, so that strategies differ. */
export function simulatedModels(mockPrices) {
  const priceOf = new Map(mockPrices.map((price) => [price.model, price]));
  const fast = { ...priceOf.get('mock-standard'), model: 'sim-standard-fast' };
  const model = (name, tier, price, speed) => ({
    name,
    provider: 'simulation',
    upstreamModel: name,
    isEnabled: true,
    isBreakerOpen: false,
    tier,
    price,
    contextTokens: 128_000,
    maxOutputTokens: 16_000,
    capabilities: everything,
    quality: Object.values(abilities[tier]).reduce((sum, one) => sum + one, 0) / 3,
    speed,
    ability: abilities[tier],
  });
  return [
    model('sim-economy', 'economy', priceOf.get('mock-economy'), { firstTokenMs: 400, tokensPerSecond: 120 }),
    model('sim-standard', 'standard', priceOf.get('mock-standard'), { firstTokenMs: 600, tokensPerSecond: 80 }),
    model(
      'sim-standard-fast',
      'standard',
      { ...fast, perMillion: { ...fast.perMillion, freshInput: '11.5', output: '11.5' } },
      { firstTokenMs: 250, tokensPerSecond: 250 },
    ),
    model('sim-premium', 'premium', priceOf.get('mock-premium'), { firstTokenMs: 1_000, tokensPerSecond: 50 }),
  ];
}
