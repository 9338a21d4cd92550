import { consumerGroups } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import source from './move-jobs.lua';

export interface MovableJob {
  id: string;
  /** Dispatch stream that gets it. */
  target: string;
  /** Fields of the entry, as read. */
  fields: readonly Buffer[];
}

/** Moves jobs of one lane into dispatch streams. Gives how many were still there to move. */
export function createJobMover({ redis }: { redis: Redis }) {
  const run = bindScript(redis, source);
  return async (lane: string, jobs: readonly MovableJob[]): Promise<number> => {
    if (jobs.length === 0) return 0;
    const targets = [...new Set(jobs.map((job) => job.target))];
    const args: (string | number | Buffer)[] = [consumerGroups.lanes];
    for (const job of jobs) args.push(job.id, targets.indexOf(job.target) + 2, job.fields.length, ...job.fields);
    return Number(await run([lane, ...targets], args));
  };
}
