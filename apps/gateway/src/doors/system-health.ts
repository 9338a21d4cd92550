import type { SemanticReply } from '@costlane/contracts';
import type { HealthRegistry } from '@costlane/platform';
import type { ServiceProbe } from './service-probes';

export type ServiceState = 'up' | 'down' | 'unknown' | 'not_configured';

export interface ServiceHealth {
  status: ServiceState;
  detail?: string;
}

export interface SystemHealth {
  status: 'healthy' | 'degraded' | 'unhealthy' | 'shutting_down';
  services: Record<string, ServiceHealth>;
}

export interface SystemHealthDeps {
  health: HealthRegistry;
  probes: { cache: ServiceProbe; batcher: ServiceProbe; cost_attribution: ServiceProbe };
  /** How the semantic cache does; undefined where it is switched off. Rejects when it cannot be asked. */
  semantic: () => Promise<SemanticReply | undefined>;
  now?: () => number;
}

const PROBE_TIMEOUT_MS = 500;
const KEPT_MS = 1_000;

/** How the whole system does, as seen from here; looked at no more than once a second however often it is asked for. */
export function createSystemHealth({
  health,
  probes,
  semantic,
  now = Date.now,
}: SystemHealthDeps): () => Promise<SystemHealth> {
  let last: { report: Promise<SystemHealth>; untilMs: number } | undefined;

  const look = async (): Promise<SystemHealth> => {
    const [own, cache, batcher, ledger, semanticParts] = await Promise.all([
      health.report(),
      probes.cache.isServing(PROBE_TIMEOUT_MS),
      probes.batcher.isServing(PROBE_TIMEOUT_MS),
      probes.cost_attribution.isServing(PROBE_TIMEOUT_MS),
      semanticHealth(semantic),
    ]);
    const checked = Object.entries(own.checks).map(([name, { ok, detail }]): [string, ServiceHealth] => [
      name,
      { status: ok ? 'up' : 'down', ...(detail === undefined ? {} : { detail }) },
    ]);
    const services: Record<string, ServiceHealth> = {
      ...Object.fromEntries(checked),
      cache: stateOf(cache),
      batcher: stateOf(batcher),
      cost_attribution: stateOf(ledger),
      postgres: postgresOf(ledger),
      ...semanticParts,
    };
    const isImpaired = Object.values(services).some(({ status }) => status === 'down');
    if (own.status === 'shutting_down') return { status: 'shutting_down', services };
    if (!own.isReady) return { status: 'unhealthy', services };
    return { status: isImpaired ? 'degraded' : 'healthy', services };
  };

  return () => {
    if (last && last.untilMs > now()) return last.report;
    last = { report: look(), untilMs: now() + KEPT_MS };
    return last.report;
  };
}

function stateOf(isServing: boolean | undefined): ServiceHealth {
  if (isServing === undefined) return { status: 'down', detail: 'cannot be reached' };
  return isServing ? { status: 'up' } : { status: 'down', detail: 'says that it is not ready' };
}

/** Only cost-attribution talks to Postgres, and it is not ready without. */
function postgresOf(isServing: boolean | undefined): ServiceHealth {
  if (isServing === undefined) return { status: 'unknown', detail: 'cost-attribution cannot be asked' };
  return isServing ? { status: 'up' } : { status: 'down', detail: 'cost-attribution is not ready' };
}

async function semanticHealth(semantic: SystemHealthDeps['semantic']): Promise<Record<string, ServiceHealth>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PROBE_TIMEOUT_MS);
  });
  try {
    const state = await Promise.race([semantic(), late]);
    if (!state) return { vector_index: { status: 'not_configured' }, embeddings: { status: 'not_configured' } };
    return {
      vector_index: { status: state.isIndexUp ? 'up' : 'down', detail: state.index },
      embeddings: { status: state.areEmbeddingsUp ? 'up' : 'down', detail: state.embedder },
    };
  } catch {
    const unknown: ServiceHealth = { status: 'unknown', detail: 'the cache service cannot be asked' };
    return { vector_index: unknown, embeddings: unknown };
  } finally {
    clearTimeout(timer);
  }
}
