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
  now?: () => number;
}

const PROBE_TIMEOUT_MS = 500;
const KEPT_MS = 1_000;

/** How the whole system does, as seen from here; looked at no more than once a second however often it is asked for. */
export function createSystemHealth({ health, probes, now = Date.now }: SystemHealthDeps): () => Promise<SystemHealth> {
  let last: { report: Promise<SystemHealth>; untilMs: number } | undefined;

  const look = async (): Promise<SystemHealth> => {
    const [own, cache, batcher, ledger] = await Promise.all([
      health.report(),
      probes.cache.isServing(PROBE_TIMEOUT_MS),
      probes.batcher.isServing(PROBE_TIMEOUT_MS),
      probes.cost_attribution.isServing(PROBE_TIMEOUT_MS),
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
      vector_index: { status: 'not_configured' },
      embeddings: { status: 'not_configured' },
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
