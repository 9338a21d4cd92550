import type { FastifyInstance } from 'fastify';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import type { EffectiveSettings } from './effective-settings';
import { statusDocument } from './status-document';
import type { SystemHealth } from './system-health';

export interface StatusDoorDeps {
  systemHealth: () => Promise<SystemHealth>;
  settings: () => EffectiveSettings;
  observer: Pick<RequestObserver, 'hitRate' | 'answered' | 'meanLatencyMs'>;
  admission: Admission;
}

/** `GET /health`: the system at a glance (503 when it cannot serve). `GET /config`: the settings in effect. */
export function registerStatusDoor(fastify: FastifyInstance, deps: StatusDoorDeps): void {
  const { observer } = deps;
  fastify.get('/health', async (_request, reply) => {
    const { status, services } = await deps.systemHealth();
    const isServing = status === 'healthy' || status === 'degraded';
    const document = statusDocument({
      status,
      cache_hit_rate: rounded(observer.hitRate(), 10_000),
      requests_processed: observer.answered(),
      avg_latency_ms: rounded(observer.meanLatencyMs(), 1_000),
      services,
    });
    return reply
      .code(isServing ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(document);
  });
  fastify.get('/config', async (request) => {
    await deps.admission.identify(request.headers);
    return statusDocument(deps.settings());
  });
}

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;
