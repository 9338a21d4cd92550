import { CostlaneError } from '@costlane/domain';

/** Runs so many works at a time; so many more may wait. */
export interface WorkQueue {
  /** The work's outcome; rejects with `overloaded`, without starting it, when the queue is full. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface WorkQueueOptions {
  concurrency: number;
  maxQueue: number;
}

export const overloaded = (): CostlaneError =>
  new CostlaneError('overloaded', 'Too many texts are waiting for their embeddings.');

/** First come, first served. */
export function createWorkQueue({ concurrency, maxQueue }: WorkQueueOptions): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  const turn = (): Promise<void> | undefined => {
    if (running < concurrency) {
      running += 1;
      return undefined;
    }
    if (waiting.length >= maxQueue) throw overloaded();
    return new Promise((resolve) => waiting.push(resolve));
  };

  return {
    async run(work) {
      await turn();
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The place goes from one to the next: `running` stays as it is.
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
