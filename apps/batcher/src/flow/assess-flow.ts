/** Load of one provider's dispatch stream. */
export interface ProviderLoad {
  provider: string;
  /** Jobs in the dispatch stream: waiting and in flight. */
  jobs: number;
  /** Places of the workers that are alive and serve it. */
  places: number;
  /** Share of its limit that the fullest of its models has in flight, where workers say so. */
  crowding?: number;
}

export interface Flow {
  /** Providers that gateways may hand work to without the batcher. */
  direct: string[];
  /** Jobs that may be moved on now, over all providers. */
  room: number;
}

/** Jobs pass through a lane in milliseconds: only what stays longer is waiting. */
export const WAITING_AGE_MS = 100;

/**
 * Decides who may skip the lanes and how much may be moved. While a provider has idle capacity waiting cannot help, so work goes straight
 * to it; under pressure, or while anything waits in a lane, everything passes the batcher so that order holds. Pure.
 *
 * @param oldestAgeMs age of the oldest job in the express and standard lanes, 0 for none
 */
export function assessFlow(loads: readonly ProviderLoad[], oldestAgeMs: number, directShare: number): Flow {
  const served = loads.filter((load) => load.places > 0);
  const direct =
    oldestAgeMs > WAITING_AGE_MS
      ? []
      : served.filter(({ jobs, places, crowding = 0 }) => jobs < places * directShare && crowding < directShare);
  const room = served.reduce((most, load) => Math.max(most, load.places - load.jobs), 0);
  return { direct: direct.map((load) => load.provider), room };
}
