import type { StreamNames } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import type { Run } from './run';

/** Beyond so many parts under way to Redis the provider's streams pause. */
export const backlogLimit = 5_000;
const INTERVAL_MS = 100;
const LIFETIME_SECONDS = 900;

/**
 * Notes how far the running streams are, so that one whose worker dies can be costed, and lets paused ones go on once the way out is free
 * again. Returns how to stop.
 */
export function watchProgress(options: {
  redis: Redis;
  names: StreamNames;
  runs: () => Iterable<Run>;
  backlog: () => number;
}): { stop(): void } {
  const { redis, names, runs } = options;
  const writeProgress = async (): Promise<void> => {
    if (options.backlog() < backlogLimit / 2)
      for (const run of runs()) for (const resume of run.resume.splice(0)) resume();
    const moved = [...runs()].filter((run) => run.hasNewProgress);
    if (moved.length === 0 || redis.status !== 'ready') return;
    const pipeline = redis.pipeline();
    for (const run of moved) {
      run.hasNewProgress = false;
      pipeline.set(names.progress(run.job.header.requestId), String(run.deliveredCharacters), 'EX', LIFETIME_SECONDS);
    }
    await pipeline.exec().catch(() => undefined);
  };
  const timer = setInterval(() => void writeProgress(), INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}
