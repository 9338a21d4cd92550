import type { Logger, Metrics } from '@costlane/platform';
import type { RouterConfig } from '../config';
import { createControlSource } from './control-client';
import { createControlCopy } from './control-copy';
import { createControlFollower, type ControlFollower } from './control-follower';

/** Follows the documents behind `COST_ATTRIBUTION_GRPC_ADDRESS`; where that is `none` there are none, and none are waited for. */
export function followControl(runtime: { config: RouterConfig; logger: Logger; metrics: Metrics }): ControlFollower {
  const { config, logger, metrics } = runtime;
  if (config.controlAddress === undefined) return withoutControl;
  return createControlFollower({
    source: createControlSource(config.controlAddress),
    copy: createControlCopy(config.dataDir),
    logger,
    metrics,
  });
}

const withoutControl: ControlFollower = {
  documents: () => ({ tenants: [], experiments: [] }),
  onChange: () => undefined,
  start: () => Promise.resolve(),
  stop: () => undefined,
  health: () => ({ ok: true, detail: 'not followed: COST_ATTRIBUTION_GRPC_ADDRESS is none' }),
};
