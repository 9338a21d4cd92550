import type { ModelTier } from './model-tier';
import type { PolicyModel } from './routing-policy';
import { compareTiers } from './target-tier';

/** Models that a worker may go on with. */
export const maxFallbacks = 3;

/**
 * The models to go on with when the first one fails, none weaker than it or than `least`. The best of each other provider comes first, for models of one
 * provider share its trouble: those that are well, then those whose breaker is open, which costs nothing to ask while they stay away and which
 * may be back by then. After them what else there is. One that is stronger is always among them, for answers that will not do.
 *
 * @param ranked every model that is strong enough, best first, whether it is well or not
 */
export function orderFallbacks(
  ranked: readonly PolicyModel[],
  first: PolicyModel,
  least: ModelTier = first.tier,
): PolicyModel[] {
  const others = ranked.filter((model) => model !== first && compareTiers(model.tier, least) >= 0);
  const well = others.filter(({ isBreakerOpen }) => !isBreakerOpen);
  const ordered: PolicyModel[] = [];
  const providers = new Set<string>([first.provider]);
  for (const models of [well, others]) {
    for (const model of models) {
      if (ordered.length === maxFallbacks) break;
      if (providers.has(model.provider)) continue;
      providers.add(model.provider);
      ordered.push(model);
    }
  }
  const isElsewhere = ({ provider }: PolicyModel): boolean => provider !== first.provider;
  const rest = [...well.filter(isElsewhere), ...well, ...others.filter(isElsewhere), ...others];
  for (let at = 0; at < rest.length && ordered.length < maxFallbacks; at++) {
    const model = rest[at] as PolicyModel;
    if (!ordered.includes(model)) ordered.push(model);
  }
  const isStronger = ({ tier }: PolicyModel): boolean => compareTiers(tier, first.tier) > 0;
  const stronger = well.find(isStronger) ?? others.find(isStronger);
  if (!stronger || ordered.some(isStronger)) return ordered;
  return [...ordered.slice(0, maxFallbacks - 1), stronger];
}
