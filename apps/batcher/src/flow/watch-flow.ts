import type { StreamNames } from '@costlane/contracts';
import type { SignalPublisher } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';
import { assessFlow, type Flow, type ProviderLoad } from './assess-flow';
import { measureMembers, measureStreams, type LaneStates, type Members } from './measure-flow';
import type { MeasuredPlaces } from './place-book';

const CALM_INTERVAL_MS = 250;
/** While jobs wait for room, how soon it is looked for again. */
const BUSY_INTERVAL_MS = 10;
/** While lanes are used, or providers are half as full as would end direct dispatch: until that is seen, gateways send past the batcher. */
const LOADED_INTERVAL_MS = 25;
/** Without a fresh announcement gateways go back to the lanes: a batcher that is gone must not be spoken for. */
const VALID_MS = 1_500;

export interface FlowWatch {
  current(): Flow;
  lanes(): Readonly<LaneStates>;
  loads(): readonly ProviderLoad[];
  members(): Members;
  /** How far this host's clock is ahead of Redis's, ms; below 0: behind. */
  clockAheadMs(): number;
  /** Work waits for a place: it is looked for soon. */
  hurry(): void;
  stop(): void;
}

export interface FlowOptions {
  redis: Redis;
  names: StreamNames;
  signals: SignalPublisher;
  logger: Logger;
  directShare: number;
  /** Places were measured anew. */
  onMeasured: (measured: MeasuredPlaces) => void;
}

/** Measures lanes, dispatch streams and workers, often while jobs wait or providers fill up and four times a second else, and announces what follows from it. */
export function watchFlow(options: FlowOptions): FlowWatch {
  return new Watch(options);
}

class Watch implements FlowWatch {
  private flow: Flow = { direct: [], room: 0 };
  private providerLoads: ProviderLoad[] = [];
  private laneStates: LaneStates = {
    express: { depth: 0, oldestAgeMs: 0 },
    standard: { depth: 0, oldestAgeMs: 0 },
    batch: { depth: 0, oldestAgeMs: 0 },
  };
  private known: Members = { providers: [], allPlaces: 0, batchers: new Map(), deadLetters: 0 };
  private aheadMs = Infinity;
  private announcedAtMs = 0;
  private membersAtMs = -Infinity;
  private isStopped = false;
  private isMeasuring = false;
  private isHurried = false;
  private isSoon = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: FlowOptions) {
    void this.measure();
  }

  current(): Flow {
    return this.flow;
  }

  lanes(): Readonly<LaneStates> {
    return this.laneStates;
  }

  loads(): readonly ProviderLoad[] {
    return this.providerLoads;
  }

  members(): Members {
    return this.known;
  }

  clockAheadMs(): number {
    return this.aheadMs === Infinity ? 0 : this.aheadMs;
  }

  hurry(): void {
    if (this.isMeasuring) this.isHurried = true;
    else if (!this.isSoon) this.later(BUSY_INTERVAL_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private later(inMs: number): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    this.isSoon = inMs <= BUSY_INTERVAL_MS;
    this.timer = setTimeout(() => void this.measure(), inMs);
  }

  private async measure(): Promise<void> {
    const { redis, names, directShare, logger } = this.options;
    let nextMs = CALM_INTERVAL_MS;
    this.isMeasuring = true;
    this.isHurried = false;
    try {
      if (redis.status !== 'ready') return;
      const previous = this.flow;
      if (Date.now() - this.membersAtMs >= CALM_INTERVAL_MS) {
        this.known = await measureMembers(redis, names);
        this.membersAtMs = Date.now();
      }
      const { providers, allPlaces, batchers } = this.known;
      const measured = await measureStreams(
        redis,
        names,
        providers.map(({ provider }) => provider),
      );
      this.laneStates = measured.lanes;
      // The way back and a busy process only add to it; a clock that was set is followed by and by.
      this.aheadMs = Math.min(measured.clockAheadMs, this.aheadMs + 1);
      const withJobs = providers.map((each, at) => ({ ...each, jobs: measured.jobs[at] ?? 0 }));
      this.providerLoads = withJobs.map(({ provider, jobs, places, limits }) => ({
        provider,
        jobs,
        places,
        crowding:
          limits && Math.max(...[...limits.values()].map(({ limit, inFlight }) => inFlight / Math.max(1, limit))),
      }));
      const { express, standard, batch } = measured.lanes;
      this.flow = assessFlow(this.providerLoads, Math.max(express.oldestAgeMs, standard.oldestAgeMs), directShare);
      const isUsed = express.depth + standard.depth + batch.depth > 0;
      if (this.flow.room === 0) nextMs = BUSY_INTERVAL_MS;
      else if (isUsed || withJobs.some(({ jobs, places }) => jobs > (places * directShare) / 2))
        nextMs = LOADED_INTERVAL_MS;
      await this.announce(previous);
      this.options.onMeasured({ providers: withJobs, allPlaces, batchers: batchers.size });
    } catch (err) {
      logger.debug({ err }, 'the flow could not be measured');
    } finally {
      this.isMeasuring = false;
      this.later(this.isHurried ? BUSY_INTERVAL_MS : nextMs);
    }
  }

  private async announce(previous: Flow): Promise<void> {
    const isSame = previous.direct.join() === this.flow.direct.join();
    if (isSame && Date.now() - this.announcedAtMs < CALM_INTERVAL_MS) return;
    this.announcedAtMs = Date.now();
    await this.options.signals.flow({ direct: this.flow.direct, validMs: VALID_MS });
  }
}
