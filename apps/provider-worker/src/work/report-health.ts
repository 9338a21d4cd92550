import type { ModelHealthMessage } from '@costlane/contracts';
import type { ModelHealth, ProviderAdapter } from '@costlane/providers';

export const healthIntervalMs = 2_000;
/** Without news it is said again this often: the router forgets a worker that has said nothing for 15 s. */
const REPEAT_MS = 10_000;
/** Of all models of all providers; a frame must not grow with what clients name. */
const MAX_MODELS = 1_000;

export interface HealthReportDeps {
  adapters: ReadonlyMap<string, ProviderAdapter>;
  report(health: ModelHealthMessage[]): void;
  now?: () => number;
}

/** Tells the router how the models do that this worker asked lately; to be called every {@link healthIntervalMs}. */
export function createHealthReport({ adapters, report, now = Date.now }: HealthReportDeps): () => void {
  let lastSaid = '';
  let lastAtMs = -Infinity;
  return () => {
    const health = [...adapters].flatMap(([provider, adapter]) =>
      (adapter.health?.() ?? []).map((model) => toMessage(provider, model)),
    );
    if (health.length === 0) return;
    const said = health.map(wordsOf).join('\n');
    const nowMs = now();
    if (said === lastSaid && nowMs - lastAtMs < REPEAT_MS) return;
    [lastSaid, lastAtMs] = [said, nowMs];
    report(health.slice(0, MAX_MODELS));
  };
}

function toMessage(provider: string, health: ModelHealth): ModelHealthMessage {
  const { model, isBreakerOpen, inFlight, limit, firstTokenP50Ms = 0, tokensPerSecond = 0, errorShare = 0 } = health;
  return { provider, model, isBreakerOpen, inFlight, limit, firstTokenP50Ms, tokensPerSecond, errorShare };
}

/** What is news: a breaker, and figures that changed by a tenth or so. Calls in flight change all the time and are none. */
function wordsOf({ provider, model, isBreakerOpen, limit, ...figures }: ModelHealthMessage): string {
  const speed = [figures.firstTokenP50Ms, figures.tokensPerSecond, limit].map(coarse);
  return [provider, model, isBreakerOpen, ...speed, Math.round(figures.errorShare * 10)].join(' ');
}

const coarse = (value: number): number => (value > 0 ? Math.round(Math.log10(value) * 20) : 0);
