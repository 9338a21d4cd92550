import { CostlaneError } from '@costlane/domain';

/** Runs a piece of work once it is its turn. Rejects with `overloaded` where too many wait already. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** At most `running` at a time, the others in the order they came: reports share the connections with the intake of records. */
export function createTurns(running: number, waiting: number): TakeTurn {
  let free = running;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else {
      if (queue.length >= waiting) {
        throw new CostlaneError('overloaded', 'Too many reports are asked for at once; try again.', {
          retryAfterMs: 1_000,
        });
      }
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
