import { consumerGroups, type JobHeader, type Priority, type StreamNames } from '@costlane/contracts';
import { createJobFinisher, refusalOf, type LaneEntry } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';
import type { BatcherMetrics } from './batcher-metrics';
import { errorOf, type Refusal } from './refusal-error';

/** A lane's entry whose job is to be ended. */
export interface EndedJob {
  entry: Pick<LaneEntry, 'stream' | 'id'>;
  header: JobHeader;
  lane: Priority;
}

export interface Refuser {
  /** Ends a job with an error: its gateway is told, it is put on record and leaves its lane, in one step. */
  refuse(job: EndedJob, reason: Refusal, retryAfterMs?: number): void;
  /** Takes an entry out of its lane whose request another entry stands for: nobody is told. */
  letGo(entry: EndedJob['entry']): void;
  /** Refusals that Redis has not taken yet. */
  inHand(): number;
  giveUp(): void;
  idle(): Promise<void>;
}

const RETRY_MS = 100;

export function createRefuser(options: {
  redis: Redis;
  names: StreamNames;
  batcherId: string;
  logger: Logger;
  metrics: Pick<BatcherMetrics, 'refused'>;
  onTaken: () => void;
}): Refuser {
  const { redis, names, batcherId, logger, metrics, onTaken } = options;
  const finisher = createJobFinisher({ redis, names, group: consumerGroups.lanes, onLostParts: () => undefined });
  let inHand = 0;
  let count = 0;
  let hasGivenUp = false;
  const finish = async (job: Parameters<typeof finisher.finish>[0]): Promise<void> => {
    // What Redis has not taken is told again. An end that happened unseen is passed over, and so is a job that another batcher has moved.
    while (!hasGivenUp) {
      try {
        await finisher.finish(job);
        break;
      } catch (err) {
        logger.debug({ err }, 'a refusal could not be told; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    inHand--;
    onTaken();
  };
  return {
    refuse({ entry: { stream, id }, header, lane }, reason, retryAfterMs) {
      inHand++;
      metrics.refused(lane, reason);
      const error = errorOf(reason, retryAfterMs);
      const { reply, record } = refusalOf(header, `${batcherId}-${++count}`, error, Date.now());
      void finish({ entry: { stream, id }, reply, record });
    },
    letGo({ stream, id }) {
      redis
        .multi()
        .xack(stream, consumerGroups.lanes, id)
        .xdel(stream, id)
        .exec()
        .catch((err: unknown) => logger.debug({ err }, 'a job that was published twice stays in its lane for now'));
    },
    inHand: () => inHand,
    giveUp: () => void (hasGivenUp = true),
    async idle() {
      while (inHand > 0 && !hasGivenUp) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}
