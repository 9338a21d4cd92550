import type { StreamNames, JobHeader } from '@costlane/contracts';
import { consumerGroups } from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import { createJobFinisher, refusalOf, type LaneEntry } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';

export interface Refuser {
  /** Ends a job with an error: its gateway is told, it is put on record and leaves its lane, in one step. */
  refuse(entry: Pick<LaneEntry, 'stream' | 'id'>, header: JobHeader, error: CostlaneError): void;
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
  onTaken: () => void;
}): Refuser {
  const { redis, names, batcherId, logger, onTaken } = options;
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
    refuse({ stream, id }, header, error) {
      inHand++;
      const { reply, record } = refusalOf(header, `${batcherId}-${++count}`, error, Date.now());
      void finish({ entry: { stream, id }, reply, record });
    },
    inHand: () => inHand,
    giveUp: () => void (hasGivenUp = true),
    async idle() {
      while (inHand > 0 && !hasGivenUp) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}
