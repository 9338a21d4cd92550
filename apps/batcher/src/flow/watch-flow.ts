import { consumerGroups, priorities, type Priority, type StreamNames } from '@costlane/contracts';
import { readHeartbeats, type SignalPublisher } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';
import { assessFlow, type Flow, type ProviderLoad } from './assess-flow';

const INTERVAL_MS = 250;
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

/** Measures lanes, dispatch streams and workers four times a second, and announces what follows from it. */
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
  let isMeasuring = false;

  const measure = async (): Promise<void> => {
    if (isMeasuring || redis.status !== 'ready') return;
    isMeasuring = true;
    try {
      for (const lane of priorities) lanes[lane] = await laneState(redis, names.lane(lane));
      loads = await providerLoads(redis, names);
      flow = assessFlow(loads, lanes.express.depth + lanes.standard.depth, options.directShare);
      await signals.flow({ direct: flow.direct, validMs: VALID_MS });
      if (flow.room > 0) options.onRoom();
    } catch (err) {
      logger.debug({ err }, 'the flow could not be measured');
    } finally {
      isMeasuring = false;
    }
  };
  void measure();
  const timer = setInterval(() => void measure(), INTERVAL_MS);
  return { current: () => flow, lanes: () => lanes, loads: () => loads, stop: () => clearInterval(timer) };
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
