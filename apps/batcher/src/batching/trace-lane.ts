import type { Tracing } from '@costlane/platform';
import type { LaneWork } from '../work/lane-work';

/** A sampled request's time in its lane, which ends now. */
export function traceLane(tracing: Tracing, work: LaneWork): void {
  if (!tracing.isEnabled || work.traceparent === undefined) return;
  tracing
    .startSpan(`lane ${work.lane}`, {
      kind: 'consumer',
      parentTraceparent: work.traceparent,
      startTimeMs: work.createdAtMs,
      attributes: {
        'messaging.system': 'redis',
        'messaging.destination.name': `lane ${work.lane}`,
        'costlane.request_id': work.requestId,
        'costlane.priority': work.lane,
      },
    })
    ?.end();
}
