import { priorities, type Priority } from '@costlane/contracts';
import type { LaneStates } from '../flow/measure-flow';
import type { ProviderLoad } from '../flow/assess-flow';

/** Numbers at fixed paths, as autoscalers read them. */
export interface ScalingReport {
  lanes: Record<Priority, { waiting: number; in_flight: number; oldest_age_ms: number }>;
  providers: Record<string, { waiting: number; in_flight: number; places: number }>;
  total: {
    waiting: number;
    in_flight: number;
    places: number;
    oldest_age_ms: number;
    batchers: number;
    dead_letters: number;
  };
}

/** What one batcher says of itself. */
export interface BatcherLoad {
  waiting?: Readonly<Record<string, number>>;
  dispatched?: Partial<Record<Priority, number>>;
}

/**
 * @param batchers what all living batchers say, this one included: each knows only what it has read and dispatched itself
 * @param allPlaces of the living workers
 */
export function scalingReport(facts: {
  lanes: Readonly<LaneStates>;
  loads: readonly ProviderLoad[];
  batchers: readonly BatcherLoad[];
  allPlaces: number;
  deadLetters: number;
}): ScalingReport {
  const { loads, batchers } = facts;
  const lanes = Object.fromEntries(
    priorities.map((lane) => {
      const { depth, oldestAgeMs } = facts.lanes[lane];
      const inFlight = batchers.reduce((sum, { dispatched }) => sum + (dispatched?.[lane] ?? 0), 0);
      return [lane, { waiting: depth, in_flight: inFlight, oldest_age_ms: oldestAgeMs }];
    }),
  ) as ScalingReport['lanes'];
  const providers = Object.fromEntries(
    loads.map(({ provider, jobs, places }) => {
      const waiting = batchers.reduce((sum, each) => sum + (each.waiting?.[provider] ?? 0), 0);
      return [provider, { waiting, in_flight: jobs, places }];
    }),
  );
  return {
    lanes,
    providers,
    total: {
      waiting: priorities.reduce((sum, lane) => sum + lanes[lane].waiting, 0),
      in_flight: loads.reduce((sum, { jobs }) => sum + jobs, 0),
      places: facts.allPlaces,
      oldest_age_ms: Math.max(...priorities.map((lane) => lanes[lane].oldest_age_ms)),
      batchers: batchers.length,
      dead_letters: facts.deadLetters,
    },
  };
}
