import type { HealthCheck, HealthResult } from './health';
import type { Redis } from './redis';

/** A health check that asks Redis itself. Checks made while one is unanswered share it: a frozen Redis gathers no PINGs. */
export function redisHealth(redis: Pick<Redis, 'status' | 'ping'>): HealthCheck {
  let running: Promise<HealthResult> | undefined;
  const ping = async (): Promise<HealthResult> => {
    try {
      await redis.ping();
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    } finally {
      running = undefined;
    }
  };
  return () => {
    if (redis.status !== 'ready') return { ok: false, detail: `connection is ${redis.status}` };
    running ??= ping();
    return running;
  };
}
