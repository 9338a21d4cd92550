import { randomUUID } from 'node:crypto';
import { bindScript, type Redis } from '@costlane/platform';
import holdScript from './hold-lock.lua';
import releaseScript from './release-lock.lua';

export interface TaskLock {
  /** Aborted when somebody else holds it by now: Redis forgot ours, or was away for longer than it holds. */
  lost: AbortSignal;
  /** Bears being called while Redis is away: the lock then ends by itself. */
  release(): Promise<void>;
}

/**
 * The right to run a task, of one at a time among all that share a Redis; undefined where somebody has it. Kept until it is released, or until its
 * holder has died: then for `holdMs`. A convenience that saves work, no guarantee: with Redis its memory is lost, so that two may run. Rejects while Redis is
 * away.
 */
export async function takeLock(redis: Redis, key: string, holdMs: number): Promise<TaskLock | undefined> {
  const token = randomUUID();
  const hold = bindScript(redis, holdScript);
  const take = async (): Promise<boolean> => (await hold([key], [token, holdMs])) === 1;
  if (!(await take())) return undefined;
  const losing = new AbortController();
  const timer = setInterval(() => {
    take().then(
      (isHeld) => {
        if (!isHeld) losing.abort(new Error('another instance has begun with this task'));
      },
      () => undefined, // Away: whoever could take it needs Redis, too.
    );
  }, holdMs / 3);
  return {
    lost: losing.signal,
    async release() {
      clearInterval(timer);
      await bindScript(redis, releaseScript)([key], [token]).catch(() => undefined);
    },
  };
}
