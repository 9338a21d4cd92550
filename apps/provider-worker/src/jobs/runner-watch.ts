import type { StreamNames } from '@costlane/contracts';
import type { OwnerWatch } from '@costlane/jobs';
import { readHeartbeats } from '@costlane/lanes';
import type { Redis } from '@costlane/platform';

/** Longer than a heartbeat lives: a runner is looked for twice. */
const SILENT_MS = 3_500;

/**
 * Knows runners that are dead by their heartbeats. A runner has to be silent at two looks, and our own heartbeat to be there at both: after
 * a restart of Redis all are gone for a moment though everybody lives.
 */
export function createRunnerWatch(options: {
  redis: Redis;
  names: StreamNames;
  runnerId: string;
  now?: () => number;
}): OwnerWatch {
  const { redis, names, runnerId, now = Date.now } = options;
  /** Since when they have been found silent. */
  const silentSince = new Map<string, number>();
  return {
    name: runnerId,
    async gone(owners) {
      const others = owners.filter((name) => name !== runnerId);
      const [own, ...beats] = await readHeartbeats(redis, names, [runnerId, ...others]);
      if (own === undefined) silentSince.clear();
      const silent = own === undefined ? [] : others.filter((_, at) => beats[at] === undefined);
      for (const name of others) if (!silent.includes(name)) silentSince.delete(name);
      const nowMs = now();
      for (const name of silent) if (!silentSince.has(name)) silentSince.set(name, nowMs);
      const gone = silent.filter((name) => nowMs - (silentSince.get(name) ?? nowMs) >= SILENT_MS);
      for (const name of gone) silentSince.delete(name);
      return { gone, againInMs: silent.length > gone.length ? SILENT_MS : undefined };
    },
  };
}
