import type { Redis } from '@costlane/platform';

/**
 * The reads of one blocking connection. A read that was under way when the connection broke is sent again once there is a new one; when the
 * connection is closed before that, the read settles never, so nobody must wait for it.
 */
export function createBlockingReads(redis: Redis) {
  let isReading = false;
  return {
    async read<T>(command: () => Promise<T>): Promise<T> {
      isReading = true;
      try {
        return await command();
      } finally {
        isReading = false;
      }
    },
    /** Closes the connection and waits for the loop that reads, where it can end. */
    async close(loop: Promise<void>): Promise<void> {
      const isLost = isReading && redis.status !== 'ready';
      redis.disconnect();
      if (!isLost) await loop;
    },
  };
}
