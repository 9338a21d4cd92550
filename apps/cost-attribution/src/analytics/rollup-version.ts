import type { StreamNames } from '@costlane/contracts';
import { newRequestId, type Logger, type Redis } from '@costlane/platform';
import type { RollupVersion } from './report-cache';

export interface RollupVersions {
  /** The latest rollup that changed what a tenant sees, or without one the deployment; undefined while Redis cannot say. */
  current(tenantId: string | undefined): Promise<RollupVersion>;
  /**
   * To be called once a rollup is committed, with whose rows it changed (`*`: the deployment's). Never rejects: what is kept runs out
   * in a minute by itself.
   */
  changed(tenants: readonly string[]): Promise<void>;
}

const DEPLOYMENT = '*';
const NONE = 'none';
/** Much longer than anything is kept; the marks of tenants that are gone go with the others. */
const LIFETIME_S = 86_400;

/**
 * The word between whoever rolls up and whoever keeps answers, in all instances of this service: a mark for each tenant in Redis, which each rollup that changes
 * its rows replaces. A reader looks at it before it reads the rollups, so what it keeps is never older than its mark says; an instance that dies between
 * its commit and this word costs readers a minute at the most.
 */
export function createRollupVersions(options: { redis: Redis; names: StreamNames; logger: Logger }): RollupVersions {
  const { redis, names, logger } = options;
  const key = names.rollupVersions;
  return {
    async current(tenantId = DEPLOYMENT) {
      try {
        return (await redis.hget(key, tenantId)) ?? NONE;
      } catch {
        return undefined;
      }
    },
    async changed(tenants) {
      if (tenants.length === 0) return;
      const mark = newRequestId();
      try {
        await redis.hset(key, Object.fromEntries(tenants.map((tenant) => [tenant, mark])));
        await redis.expire(key, LIFETIME_S);
      } catch (err) {
        logger.warn({ err }, 'analytics could not be told of a rollup');
      }
    },
  };
}
