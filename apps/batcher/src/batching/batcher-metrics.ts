import { priorities, type Priority } from '@costlane/contracts';
import type { GroupedCall } from '@costlane/domain';
import type { BoundCounter, BoundHistogram, Metrics } from '@costlane/platform';
import type { LaneWork } from '../work/lane-work';

const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128];

export interface BatcherMetrics {
  moved(jobs: number): void;
  /** A group's calls, as they are dispatched now. */
  grouped(lane: Priority, calls: readonly GroupedCall<LaneWork>[]): void;
  waited(lane: Priority, seconds: number): void;
  refused(lane: Priority, reason: string): void;
}

/** What is counted for each job. */
export function createBatcherMetrics(metrics: Metrics): BatcherMetrics {
  const moved = metrics.counter({
    name: 'costlane_batcher_moved_total',
    help: 'Jobs passed on from a lane to a provider',
  });
  const waits = metrics.boundHistogram({
    name: 'costlane_batcher_wait_latency_seconds',
    help: 'Time from arrival in a lane to dispatch',
    labelNames: ['lane'],
  });
  const groups = metrics.boundCounter({
    name: 'costlane_batcher_groups_total',
    help: 'Groups of calls that begin alike, by lane; a call by itself is a group',
    labelNames: ['lane'],
  });
  const sizes = metrics.boundHistogram({
    name: 'costlane_batcher_group_size',
    help: 'Jobs in a group',
    labelNames: ['lane'],
    buckets: sizeBuckets,
  });
  const coalesced = metrics.boundCounter({
    name: 'costlane_batcher_coalesced_total',
    help: 'Jobs that another one is asked for as well, by why: identical or semantic',
    labelNames: ['kind'],
  });
  const refused = metrics.boundCounter({
    name: 'costlane_batcher_refused_total',
    help: 'Jobs that were ended without being asked, by lane and reason',
    labelNames: ['lane', 'reason'],
  });
  const identical = coalesced.with({ kind: 'identical' });
  const semantic = coalesced.with({ kind: 'semantic' });
  const ofLane = Object.fromEntries(
    priorities.map((lane) => [
      lane,
      { waits: waits.with({ lane }), groups: groups.with({ lane }), sizes: sizes.with({ lane }) },
    ]),
  ) as Record<Priority, { waits: BoundHistogram; groups: BoundCounter; sizes: BoundHistogram }>;
  return {
    moved: (jobs) => moved.inc(jobs),
    grouped(lane, calls) {
      let jobs = 0;
      for (const { works } of calls) {
        jobs += works.length;
        for (let at = 1; at < works.length; at++)
          (works[at]?.fingerprint === works[0]?.fingerprint ? identical : semantic).inc();
      }
      ofLane[lane].groups.inc();
      ofLane[lane].sizes.observe(jobs);
    },
    waited: (lane, seconds) => ofLane[lane].waits.observe(seconds),
    refused: (lane, reason) => refused.with({ lane, reason }).inc(),
  };
}
