import type { Priority, StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';

const BEAT_INTERVAL_MS = 1_000;
/** A consumer that has not beaten for so long is taken for dead. */
const LIFETIME_MS = 3_000;

/** What a stream consumer says of itself with each heartbeat. */
export interface ConsumerState {
  /** Jobs that it takes at once, and has now. */
  concurrency: number;
  inFlight: number;
  grpcAddress?: string;
  /** Calls that a model is given at a time now, and has, by `<provider>/<model>`; absent for a model: as many as there are places. */
  limits?: Record<string, CallLimit>;
  /** Of a worker: it answers the followers of a job as well. One of a version before that would leave them without an answer. */
  answersFollowers?: true;
  /** Of a batcher: jobs that wait in it, by provider, and calls under way that came from it, by lane. */
  waiting?: Readonly<Record<string, number>>;
  dispatched?: Partial<Record<Priority, number>>;
}

export interface CallLimit {
  limit: number;
  inFlight: number;
}

/** Beats once a second so that others know whose pending entries are orphaned. Returns how to stop. */
export function startHeartbeat(options: {
  redis: Redis;
  names: StreamNames;
  consumer: string;
  logger: Logger;
  state: () => ConsumerState;
}): { stop(): Promise<void> } {
  const { redis, names, consumer, state } = options;
  const key = names.alive(consumer);
  const beat = async (): Promise<void> => {
    try {
      await redis.set(key, JSON.stringify(state()), 'PX', LIFETIME_MS);
    } catch {
      // Redis is away: its own connection says so, and nobody claims anything meanwhile.
    }
  };
  void beat();
  const timer = setInterval(() => void beat(), BEAT_INTERVAL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await redis.del(key).catch(() => undefined);
    },
  };
}

/** States of the named consumers, `undefined` for one without a heartbeat. */
export async function readHeartbeats(
  redis: Redis,
  names: StreamNames,
  consumers: readonly string[],
): Promise<(ConsumerState | undefined)[]> {
  if (consumers.length === 0) return [];
  const values = await redis.mget(...consumers.map((consumer) => names.alive(consumer)));
  return values.map((value) => (value ? (JSON.parse(value) as ConsumerState) : undefined));
}
