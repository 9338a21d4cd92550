import { consumerGroups } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import source from './move-jobs.lua';

/** A job in its lane. */
export interface LaneEntry {
  stream: string;
  id: string;
  /** Fields of the entry, as read. */
  fields: readonly (Buffer | string)[];
}

/** One call to a provider, and the jobs that it answers. */
export interface MovableCall {
  /** Stream that gets it: a dispatch stream, or the job's own lane, to whose end it then goes. */
  target: string;
  entries: readonly LaneEntry[];
  /** Fields of the one entry for all of them, where there are several. */
  merged?: readonly (Buffer | string)[];
}

export interface MovedJobs {
  /** Jobs that were still there to move. */
  jobs: number;
  /** Calls whose jobs went each by itself, since one of them was not there any more. */
  apart: number;
  /** Entries in the streams that were written to, afterwards. */
  depths: ReadonlyMap<string, number>;
}

/**
 * Moves jobs of lanes, all of them in one step: whatever breaks, each is in exactly one stream. Rejects where Redis did not say that it has, which does not
 * prove that it has not: moving again passes over what was moved.
 */
export function createJobMover({ redis }: { redis: Redis }) {
  const run = bindScript(redis, source);
  return async (calls: readonly MovableCall[]): Promise<MovedJobs> => {
    if (calls.length === 0) return { jobs: 0, apart: 0, depths: new Map() };
    const keys: string[] = [];
    const indexes = new Map<string, number>();
    const indexOf = (key: string): number => {
      let index = indexes.get(key);
      if (index === undefined) indexes.set(key, (index = keys.push(key)));
      return index;
    };
    const args: (string | number | Buffer)[] = [consumerGroups.lanes];
    for (const { target, entries, merged } of calls) {
      args.push(indexOf(target), entries.length);
      for (const { stream, id, fields } of entries) args.push(indexOf(stream), id, fields.length, ...fields);
      if (entries.length > 1) args.push(merged?.length ?? 0, ...(merged ?? []));
    }
    const [jobs = 0, apart = 0, ...lengths] = (await run(keys, args)) as number[];
    const targets = new Set(calls.map(({ target }) => target));
    const depths = new Map(
      keys.flatMap((key, at): [string, number][] => (targets.has(key) ? [[key, lengths[at] ?? 0]] : [])),
    );
    return { jobs, apart, depths };
  };
}
