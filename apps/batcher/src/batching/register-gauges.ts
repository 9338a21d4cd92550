import { priorities } from '@costlane/contracts';
import type { Metrics } from '@costlane/platform';
import type { FlowWatch } from '../flow/watch-flow';
import type { PlaceBook } from '../flow/place-book';
import type { Batcher } from './batcher';

/** Gauges of what waits, is under way and is free, read when somebody asks. */
export function registerGauges(
  metrics: Metrics,
  parts: { flow: FlowWatch; batcher: Batcher; places: PlaceBook },
): void {
  laneGauges(metrics, parts);
  providerGauges(metrics, parts.flow);
  metrics.gauge({
    name: 'costlane_dead_letters_depth',
    help: 'Jobs that were put aside for people to look at',
    collect() {
      this.set(parts.flow.members().deadLetters);
    },
  });
  metrics.gauge({
    name: 'costlane_batchers',
    help: 'Living batchers, which share the places',
    collect() {
      this.set(parts.flow.members().batchers.size);
    },
  });
}

function laneGauges(
  metrics: Metrics,
  { flow, batcher, places }: { flow: FlowWatch; batcher: Batcher; places: PlaceBook },
): void {
  const ofLane = (name: string, help: string, valueOf: (lane: (typeof priorities)[number]) => number): void => {
    metrics.gauge({
      name,
      help,
      labelNames: ['lane'],
      collect() {
        for (const lane of priorities) this.set({ lane }, valueOf(lane));
      },
    });
  };
  ofLane('costlane_lane_queue_depth', 'Jobs in a lane', (lane) => flow.lanes()[lane].depth);
  ofLane(
    'costlane_lane_oldest_age_seconds',
    'Age of the oldest job in a lane',
    (lane) => flow.lanes()[lane].oldestAgeMs / 1_000,
  );
  ofLane('costlane_lane_in_flight', 'Calls under way that this batcher dispatched from a lane, about', (lane) =>
    places.inFlight(lane),
  );
  ofLane(
    'costlane_batcher_waiting',
    'Jobs that this batcher has read and that wait for a place',
    (lane) => batcher.waiting()[lane],
  );
  ofLane('costlane_batcher_window_size', 'Jobs that a window is held open for, the largest over all models', (lane) =>
    Math.max(0, ...batcher.targets().map(({ windowSizes }) => windowSizes[lane])),
  );
  ofLane('costlane_batcher_shed_models', 'Models of which a lane is refused now', (lane) => {
    const rank = priorities.length - priorities.indexOf(lane);
    return batcher.targets().filter(({ shedLevel }) => shedLevel >= rank).length;
  });
}

function providerGauges(metrics: Metrics, flow: FlowWatch): void {
  metrics.gauge({
    name: 'costlane_dispatch_queue_depth',
    help: 'Jobs waiting for or held by the workers of a provider',
    labelNames: ['provider'],
    collect() {
      for (const { provider, jobs } of flow.loads()) this.set({ provider }, jobs);
    },
  });
  metrics.gauge({
    name: 'costlane_provider_places',
    help: 'Calls that the living workers of a provider make at a time',
    labelNames: ['provider'],
    collect() {
      for (const { provider, places } of flow.loads()) this.set({ provider }, places);
    },
  });
}
