import type { Job, StreamNames } from '@costlane/contracts';
import { createJobMover, createTickQueue, type ReceivedJob } from '@costlane/lanes';
import type { Logger, Redis, Tracing } from '@costlane/platform';

interface Passing {
  id: string;
  target: string;
  fields: Buffer[];
  lane: string;
  /** Undefined for a job whose request is not traced. */
  traced?: Job;
}

export interface PassOn {
  take(received: ReceivedJob, fields: Buffer[]): void;
  /** Jobs read from a lane and not moved yet. */
  inHand(): number;
  idle(): Promise<void>;
}

const RETRY_MS = 100;

/** Moves jobs from lanes to dispatch streams in the order they came, all of a tick in one call a lane. */
export function createPassOn(options: {
  redis: Redis;
  names: StreamNames;
  logger: Logger;
  tracing: Tracing;
  onMoved: (jobs: number) => void;
}): PassOn {
  const { redis, names, logger, tracing } = options;
  const move = createJobMover({ redis });
  const queue = createTickQueue<Passing>(async (batch) => {
    const byLane = new Map<string, Passing[]>();
    for (const job of batch) {
      const sameLane = byLane.get(job.lane);
      if (sameLane) sameLane.push(job);
      else byLane.set(job.lane, [job]);
    }
    for (const [lane, jobs] of byLane) {
      // What is not moved stays this consumer's and is tried again: nothing is lost, a move that happened unseen is passed over.
      for (let isMoved = false; !isMoved;) {
        try {
          const calls = jobs.map(({ id, target, fields }) => ({ target, entries: [{ stream: lane, id, fields }] }));
          options.onMoved((await move(calls)).jobs);
          isMoved = true;
          for (const { traced } of jobs) if (traced) traceLane(tracing, traced);
        } catch (err) {
          logger.debug({ err, jobs: jobs.length }, 'jobs could not be moved on; trying again');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }
  });
  return {
    take: ({ entry, job }, fields) =>
      queue.push({
        lane: entry.stream,
        id: entry.id,
        target: names.dispatch(job.header.provider),
        fields,
        traced: tracing.isEnabled && job.header.traceparent !== undefined ? job : undefined,
      }),
    inHand: () => queue.size(),
    idle: () => queue.idle(),
  };
}

/** A sampled request's time in its lane, which ends now. */
function traceLane(tracing: Tracing, { header, priority }: Job): void {
  tracing
    .startSpan(`lane ${priority}`, {
      kind: 'consumer',
      parentTraceparent: header.traceparent,
      startTimeMs: header.createdAtMs,
      attributes: {
        'messaging.system': 'redis',
        'messaging.destination.name': `lane ${priority}`,
        'costlane.request_id': header.requestId,
        'costlane.priority': priority,
      },
    })
    ?.end();
}
