import { createHash } from 'node:crypto';
import script from './take-tokens.lua';
import type { TokenGrant, TokenStore } from './rate-limiter';

/** The two commands that the store needs of a Redis connection; `Redis` of the platform library has them. */
export interface ScriptRunner {
  evalsha(digest: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
}

const digest = createHash('sha1').update(script).digest('hex');

/** Buckets that all gateways share, in Redis under `costlane:limit:<key>`. Rejects while Redis is away. */
export function createRedisTokenStore(redis: ScriptRunner): TokenStore {
  return {
    async take(key, limitPerMinute, wanted) {
      const args = [`costlane:limit:${encodeURIComponent(key)}`, limitPerMinute, wanted];
      return readGrant(
        await redis.evalsha(digest, 1, ...args).catch((error: unknown) => {
          // The server does not know the script yet, or has been restarted since.
          if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
          return redis.eval(script, 1, ...args);
        }),
      );
    },
  };
}

function readGrant(reply: unknown): TokenGrant {
  const [granted, retryAfterMs] = Array.isArray(reply) ? reply : [];
  if (typeof granted !== 'number' || typeof retryAfterMs !== 'number')
    throw new Error('unexpected reply of take-tokens');
  return { granted, retryAfterMs };
}
