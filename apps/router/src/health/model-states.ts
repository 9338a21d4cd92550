import type { ModelHealthMessage } from '@costlane/contracts';
import type { PolicyModel } from '@costlane/domain';

/** What is told of a model by the processes that call it. */
export type ModelState = Pick<PolicyModel, 'isBreakerOpen' | 'speed'>;

export interface ModelStates {
  /** Takes what one process says of the models that it asked lately. */
  report(subscriber: string, health: readonly ModelHealthMessage[]): void;
  /** The state of a model, as the provider calls it. */
  stateOf(model: Pick<PolicyModel, 'provider' | 'upstreamModel'>): ModelState;
}

/** A process that has said nothing for so long does not count. */
const MAX_AGE_MS = 15_000;
const MAX_SUBSCRIBERS = 1_000;

interface Report {
  atMs: number;
  models: Map<string, ModelHealthMessage>;
}

/**
 * The health of the models over all workers: a breaker counts as open when more than half of the workers that asked the model lately say so,
 * for one of them may have a bad road of its own. Speeds are their median, in steps of a tenth or so, that the policy does not change
 * with every request.
 */
export function createModelStates({ now = Date.now }: { now?: () => number } = {}): ModelStates {
  const reports = new Map<string, Report>();

  const fresh = (key: string): ModelHealthMessage[] => {
    const sinceMs = now() - MAX_AGE_MS;
    const found: ModelHealthMessage[] = [];
    for (const [subscriber, { atMs, models }] of reports) {
      if (atMs < sinceMs) reports.delete(subscriber);
      else {
        const model = models.get(key);
        if (model) found.push(model);
      }
    }
    return found;
  };

  return {
    report(subscriber, health) {
      if (!reports.has(subscriber) && reports.size >= MAX_SUBSCRIBERS) return;
      const models = new Map(health.map((model) => [keyOf(model.provider, model.model), model]));
      reports.set(subscriber, { atMs: now(), models });
    },
    stateOf({ provider, upstreamModel }) {
      if (reports.size === 0) return { isBreakerOpen: false };
      const said = fresh(keyOf(provider, upstreamModel));
      const open = said.filter(({ isBreakerOpen }) => isBreakerOpen).length;
      const firstTokenMs = coarse(medianOf(said, ({ firstTokenP50Ms }) => firstTokenP50Ms));
      const tokensPerSecond = coarse(medianOf(said, (each) => each.tokensPerSecond));
      return {
        isBreakerOpen: open * 2 > said.length,
        ...(firstTokenMs > 0 ? { speed: { firstTokenMs, tokensPerSecond } } : {}),
      };
    },
  };
}

const keyOf = (provider: string, model: string): string => `${provider}/${model}`;

/** Median of what is known, 0 where nothing is. */
function medianOf(said: readonly ModelHealthMessage[], read: (health: ModelHealthMessage) => number): number {
  const known = said
    .map(read)
    .filter((value) => value > 0)
    .sort((a, b) => a - b);
  return known[known.length >> 1] ?? 0;
}

/** Rounded to steps of a tenth of a decade's octave: 100, 112, 126, …: changes below a tenth are none. */
function coarse(value: number): number {
  if (!(value > 0)) return 0;
  const steps = 20;
  return Math.round(10 ** (Math.round(Math.log10(value) * steps) / steps));
}
