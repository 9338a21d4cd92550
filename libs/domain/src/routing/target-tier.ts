import { modelTiers, type ModelTier } from './model-tier';
import type { RouteContent, RouteFeatures } from './route-content';
import type { KeywordRule, RoutingSettings } from './routing-settings';

/** How strong a model a request needs, and what decided it. */
export interface TargetTier {
  readonly tier: ModelTier;
  /** Set by a rule: this very model, where it can serve. */
  readonly model?: string;
  readonly route: string;
  readonly reason: string;
}

const ranks: Readonly<Record<ModelTier, number>> = { economy: 0, standard: 1, premium: 2 };

/** Zero for tiers of equal strength, negative where the first is weaker. */
export const compareTiers = (a: ModelTier, b: ModelTier): number => ranks[a] - ranks[b];

const moved = (tier: ModelTier, steps: number): ModelTier =>
  modelTiers[Math.min(modelTiers.length - 1, Math.max(0, ranks[tier] + steps))] ?? tier;

/** The tier for a complexity: `standardFrom` and `premiumFrom` are where the next one begins. */
export function tierOfComplexity(
  complexity: number,
  { standardFrom, premiumFrom }: Pick<RoutingSettings, 'standardFrom' | 'premiumFrom'>,
): ModelTier {
  if (complexity >= premiumFrom) return 'premium';
  return complexity >= standardFrom ? 'standard' : 'economy';
}

/**
 * The chain's first two steps: a rule whose words the text holds decides alone; else the complexity's tier, moved by what is predicted of the
 * cheaper model, by the quality asked for and by who the user is.
 */
export function targetTier(
  settings: RoutingSettings,
  content: RouteContent,
  { quality, userTier }: Pick<RouteFeatures, 'quality' | 'userTier'>,
): TargetTier {
  const rule = settings.rules.length > 0 ? matchingRule(settings.rules, content.text) : undefined;
  if (rule) {
    const tier = rule.tier ?? 'economy';
    return { tier, model: rule.model, route: `rule:${rule.id}`, reason: `rule ${rule.id}` };
  }
  const base = tierOfComplexity(content.complexity, settings);
  let tier = base;
  let route = 'complexity';
  const why = [`complexity ${content.complexity.toFixed(2)} is ${base}`];
  const gain = content.predictedGain;
  if (gain !== undefined) {
    tier = moved(tier, gain >= settings.raiseFrom ? 1 : gain < settings.lowerBelow ? -1 : 0);
    if (tier !== base) {
      route = 'predictor';
      why.push(`a stronger model is needed with probability ${gain.toFixed(2)}`);
    }
  }
  if (quality === 'high' || quality === 'low') {
    tier = moved(tier, quality === 'high' ? 1 : -1);
    why.push(`${quality} quality asked for`);
  }
  if (userTier === 'premium' || userTier === 'free') {
    tier = moved(tier, userTier === 'premium' ? 1 : -1);
    why.push(`${userTier} user`);
  }
  return { tier, route, reason: why.join('; ') };
}

const patterns = new WeakMap<KeywordRule, RegExp>();

function matchingRule(rules: readonly KeywordRule[], text: string): KeywordRule | undefined {
  return rules.find((rule) => {
    let pattern = patterns.get(rule);
    if (!pattern) {
      pattern = patternOf(rule.keywords);
      patterns.set(rule, pattern);
    }
    return pattern.test(text);
  });
}

/** Whole words in any alphabet; the words are the operator's and are taken to the letter. */
function patternOf(keywords: readonly string[]): RegExp {
  const words = keywords.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'iu');
}
