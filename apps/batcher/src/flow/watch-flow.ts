import { consumerGroups, priorities, type Priority, type StreamNames } from '@costlane/contracts';
import { readHeartbeats, type SignalPublisher } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';
import { assessFlow, type Flow, type ProviderLoad } from './assess-flow';

const CALM_INTERVAL_MS = 250;
/** While jobs wait for room, how soon it is looked for again. */
const BUSY_INTERVAL_MS = 10;
/** Without a fresh announcement gateways go back to the lanes: a batcher that is gone must not be spoken for. */
const VALID_MS = 1_500;

export interface LaneState {
  depth: number;
  oldestAgeMs: number;
}

export interface FlowWatch {
  current(): Flow;
  lanes(): Readonly<Record<Priority, LaneState>>;
  loads(): readonly ProviderLoad[];
  stop(): void;
}

const NO_LANE: LaneState = { depth: 0, oldestAgeMs: 0 };

/** Measures lanes, dispatch streams and workers, often while jobs wait and four times a second else, and announces what follows from it. */
export function watchFlow(options: {
  redis: Redis;
  names: StreamNames;
  signals: SignalPublisher;
  logger: Logger;
  directShare: number;
  onRoom: () => void;
}): FlowWatch {
  const { redis, names, signals, logger } = options;
  let flow: Flow = { direct: [], room: 0 };
  let loads: ProviderLoad[] = [];
  const lanes: Record<Priority, LaneState> = { express: NO_LANE, standard: NO_LANE, batch: NO_LANE };
  let announcedAtMs = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  const announce = async (previous: Flow): Promise<void> => {
    const isSame = previous.direct.join() === flow.direct.join();
    if (isSame && Date.now() - announcedAtMs < CALM_INTERVAL_MS) return;
    announcedAtMs = Date.now();
    await signals.flow({ direct: flow.direct, validMs: VALID_MS });
  };
  const measure = async (): Promise<void> => {
    let isBusy = false;
    try {
      if (redis.status !== 'ready') return;
      const previous = flow;
      for (const lane of priorities) lanes[lane] = await laneState(redis, names.lane(lane));
      loads = await providerLoads(redis, names);
      const oldestAgeMs = Math.max(lanes.express.oldestAgeMs, lanes.standard.oldestAgeMs);
      flow = assessFlow(loads, oldestAgeMs, options.directShare);
      isBusy = flow.room === 0 || priorities.some((lane) => lanes[lane].depth > 0);
      await announce(previous);
      if (flow.room > 0) options.onRoom();
    } catch (err) {
      logger.debug({ err }, 'the flow could not be measured');
    } finally {
      if (!isStopped) timer = setTimeout(() => void measure(), isBusy ? BUSY_INTERVAL_MS : CALM_INTERVAL_MS);
    }
  };
  void measure();
  return {
    current: () => flow,
    lanes: () => lanes,
    loads: () => loads,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

async function laneState(redis: Redis, stream: string): Promise<LaneState> {
  const [depth, first] = await Promise.all([redis.xlen(stream), redis.xrange(stream, '-', '+', 'COUNT', 1)]);
  const id = first[0]?.[0];
  return { depth, oldestAgeMs: id === undefined ? 0 : Math.max(0, Date.now() - Number(id.split('-')[0])) };
}

/** Every provider that a dispatch stream exists for, with the places of its living workers. */
async function providerLoads(redis: Redis, names: StreamNames): Promise<ProviderLoad[]> {
  const providers = await redis.smembers(names.providers);
  return Promise.all(
    providers.map(async (provider) => {
      const stream = names.dispatch(provider);
      const rows = (await redis.xinfo('CONSUMERS', stream, consumerGroups.dispatch).catch(() => [])) as unknown[][];
      const states = await readHeartbeats(
        redis,
        names,
        rows.map((row) => String(row[1])),
      );
      const places = states.reduce((sum, state) => sum + (state?.concurrency ?? 0), 0);
      return { provider, jobs: await redis.xlen(stream), places };
    }),
  );
}
