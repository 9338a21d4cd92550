import { createHash } from 'node:crypto';
import type { Redis } from './redis';

type Argument = string | number | Buffer;

/** A Lua script bound to a connection: runs by its digest, and is sent whole only where the server does not know it yet. */
export function bindScript(redis: Redis, source: string) {
  const digest = createHash('sha1').update(source).digest('hex');
  return async (keys: readonly string[], args: readonly Argument[]): Promise<unknown> => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
