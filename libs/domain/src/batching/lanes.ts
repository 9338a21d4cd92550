/** In order of precedence. */
export const batchLanes = ['express', 'standard', 'batch'] as const;
export type BatchLane = (typeof batchLanes)[number];

/** What holds in one lane. Waits are times in the batcher, from arrival to dispatch; what the provider takes is not among them. */
export interface LaneSettings {
  /** A window holds so many pieces of work at the least and at the most; the control law moves between the two. */
  readonly minSize: number;
  readonly maxSize: number;
  /** A window is held open no longer, counted from its first piece of work. */
  readonly maxWaitMs: number;
  /** 95 % wait less; infinite: best effort. */
  readonly targetP95Ms: number;
  /** A queue is overloaded when its smallest wait over an interval stays above this. */
  readonly shedWaitMs: number;
  /** Share of the served tokens, against the other lanes' weights, while all of them wait. */
  readonly weight: number;
  /** The weight grows by itself each time that the oldest work has waited this long, up to double; infinite: never. */
  readonly agingMs: number;
}

export type LaneSettingsByLane = Readonly<Record<BatchLane, LaneSettings>>;

/** What an operator may set. */
export interface BatchSettings {
  /** `BATCH_MIN_SIZE`: no lane's window is made for fewer. Default 1. */
  readonly minSize?: number;
  /** `BATCH_MAX_SIZE`: no lane's window holds more. Default 64. */
  readonly maxSize?: number;
  /** `BATCH_MAX_WAIT_MS`: no window is held open longer. Default 200. */
  readonly maxWaitMs?: number;
  /** `BATCH_TARGET_LATENCY_P95`, milliseconds: of the standard lane; express has a quarter of it. Default 200. */
  readonly targetLatencyP95Ms?: number;
}

const standardTargetMs = 200;

const defaults: LaneSettingsByLane = {
  express: {
    minSize: 1,
    maxSize: 4,
    maxWaitMs: 10,
    targetP95Ms: standardTargetMs / 4,
    shedWaitMs: 500,
    weight: 75,
    agingMs: Infinity,
  },
  standard: {
    minSize: 4,
    maxSize: 32,
    maxWaitMs: 50,
    targetP95Ms: standardTargetMs,
    shedWaitMs: 2_000,
    weight: 17,
    agingMs: 2_000,
  },
  batch: {
    minSize: 32,
    maxSize: 64,
    maxWaitMs: 200,
    targetP95Ms: Infinity,
    shedWaitMs: 30_000,
    weight: 8,
    agingMs: 10_000,
  },
};

/** The three lanes under an operator's settings, which narrow each lane's own range. Throws a RangeError that names a setting out of range. */
export function laneSettings(settings: BatchSettings = {}): LaneSettingsByLane {
  const { minSize = 1, maxSize = 64, maxWaitMs = 200, targetLatencyP95Ms = standardTargetMs } = settings;
  if (!(minSize >= 1)) throw new RangeError('the smallest batch has to hold 1 or more');
  if (!(maxSize >= minSize)) throw new RangeError('the largest batch has to hold as many as the smallest or more');
  if (!(maxWaitMs >= 0)) throw new RangeError('the longest wait of a batch has to be 0 ms or more');
  if (!(targetLatencyP95Ms > 0)) throw new RangeError('the target of the 95th percentile has to be above 0 ms');
  const scale = targetLatencyP95Ms / standardTargetMs;
  const narrow = (lane: LaneSettings): LaneSettings => ({
    ...lane,
    minSize: Math.min(maxSize, Math.max(minSize, lane.minSize)),
    maxSize: Math.min(maxSize, Math.max(minSize, lane.maxSize)),
    maxWaitMs: Math.min(maxWaitMs, lane.maxWaitMs),
    targetP95Ms: lane.targetP95Ms * scale,
    shedWaitMs: lane.shedWaitMs * scale,
  });
  return {
    express: narrow(defaults.express),
    standard: narrow(defaults.standard),
    batch: narrow(defaults.batch),
  };
}
