import type { ModelTier } from '@costlane/domain';
import { listedProviderName } from '../provider-names';
import lists from './auto-models.json';
import { factsOf, type ModelFacts } from './model-facts';
import { operatorSource } from './merge-facts';

/** A model that `auto` may choose where the operator names none. */
export interface AutoChoice {
  /** By its maker's own line of models; undefined: as its price says. */
  readonly tier?: ModelTier;
}

type Lists = Readonly<Record<string, readonly string[]>>;

const { _comment: _why, ...byProvider } = lists;
const providers: Readonly<Record<string, Lists>> = byProvider;
const tiers: readonly ModelTier[] = ['economy', 'standard', 'premium'];

/**
 * Whether `auto` may choose a model, and as how strong it counts: the makers' current models by our list, open weights that we have facts of whoever
 * serves them, and what the operator's file gives a tier or a quality.
 */
export function autoChoiceOf(provider: string, model: string, facts?: ModelFacts): AutoChoice | undefined {
  const name = model.toLowerCase();
  const owner = listedProviderName(provider);
  const own = Object.hasOwn(providers, owner) ? providers[owner] : undefined;
  const listed = own && Object.keys(own).find((tier) => own[tier]?.includes(name));
  if (listed !== undefined) {
    const tier = tiers.find((each) => each === listed);
    return tier ? { tier } : {};
  }
  if (facts?.tier !== undefined || facts?.quality?.source === operatorSource) return {};
  return own === undefined && factsOf(provider, model) ? {} : undefined;
}
