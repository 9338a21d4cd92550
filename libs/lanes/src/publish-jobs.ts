import { encodePayload, type Job, type Priority, type StreamNames } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { bindScript, type Redis } from '@costlane/platform';
import source from './publish-jobs.lua';
import { createTickQueue } from './tick-queue';

/** Where a job goes: through the batcher by its lane, or straight to the workers of a provider. */
export type JobTarget = { lane: Priority } | { dispatch: string };

export interface JobPublisher {
  /** Resolves when Redis has the job. Rejects with `unavailable` when it could not be written, which does not prove that it was not. */
  publish(job: Job, target: JobTarget): Promise<void>;
}

interface Waiting {
  job: Job;
  stream: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Publishes jobs, one script call a tick for all that gathered in it. */
export function createJobPublisher({ redis, names }: { redis: Redis; names: StreamNames }): JobPublisher {
  const run = bindScript(redis, source);
  const queue = createTickQueue<Waiting>(async (batch) => {
    const streams = [...new Set(batch.map((waiting) => waiting.stream))];
    const args: (string | number | Buffer)[] = [];
    for (const { job, stream } of batch) {
      args.push(streams.indexOf(stream) + 1, job.taskType, encodePayload(job.header, job.body), job.priority);
      args.push(job.idempotencyKey, job.createdAt);
    }
    try {
      await run(streams, args);
      for (const waiting of batch) waiting.resolve();
    } catch (cause) {
      const error = new CostlaneError('unavailable', 'The job queue cannot be reached.', { cause });
      for (const waiting of batch) waiting.reject(error);
    }
  });
  return {
    publish: (job, target) =>
      new Promise((resolve, reject) => {
        const stream = 'lane' in target ? names.lane(target.lane) : names.dispatch(target.dispatch);
        queue.push({ job, stream, resolve, reject });
      }),
  };
}
