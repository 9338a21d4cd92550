import type { ConsumerState } from '@costlane/lanes';
import type { ProviderAdapter } from '@costlane/providers';

/** Of all models of all providers: a heartbeat must not grow with what clients name. */
const MAX_MODELS = 50;

/**
 * How many calls each model takes at once just now, and has, as this worker's adaptive limits see it; by `provider/upstream model`, and of the
 * most used ones. Absent while nothing was asked.
 */
export function limitsOf(adapters: ReadonlyMap<string, ProviderAdapter>): ConsumerState['limits'] {
  const models = [...adapters].flatMap(([provider, adapter]) =>
    (adapter.health?.() ?? []).map(({ model, limit, inFlight }) => ({ key: `${provider}/${model}`, limit, inFlight })),
  );
  if (models.length === 0) return undefined;
  // A provider names those first that were asked last, and the sort leaves equals in their order.
  const busiest = models.sort((a, b) => b.inFlight - a.inFlight).slice(0, MAX_MODELS);
  return Object.fromEntries(busiest.map(({ key, limit, inFlight }) => [key, { limit, inFlight }]));
}
