import type { Metrics, Shutdown } from '@costlane/platform';
import type { GatewayConfig } from '../config';
import { createDeferral, type Deferral } from '../doors/defer-call';
import { createDeferredCalls } from './deferred-calls';
import type { JobService } from './job-service';

/** Calls with a long deadline become jobs; undefined where that is switched off, or there is no database to keep them in. */
export function openDeferral(
  { DATABASE_URL, DEFER_MIN_DEADLINE_MINUTES }: Pick<GatewayConfig, 'DATABASE_URL' | 'DEFER_MIN_DEADLINE_MINUTES'>,
  deps: { jobs: JobService; metrics: Metrics; shutdown: Shutdown },
): Deferral | undefined {
  if (DATABASE_URL === undefined || DEFER_MIN_DEADLINE_MINUTES === 0) return undefined;
  const { jobs, metrics, shutdown } = deps;
  const calls = createDeferredCalls({ jobs, minDeadlineMs: DEFER_MIN_DEADLINE_MINUTES * 60_000 });
  shutdown.onDrain('deferred calls', () => calls.close());
  return createDeferral({ calls, metrics });
}
