import type { StreamNames } from '@costlane/contracts';
import type { ScheduledTask } from '@costlane/jobs';
import type { Ledger } from '@costlane/ledger';
import type { GrpcServiceBinding, HealthRegistry, Logger, Metrics, Redis } from '@costlane/platform';
import type { CostAttributionConfig } from './config';

/** What every feature may use. */
export interface FeatureDeps {
  config: CostAttributionConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  redis: Redis;
  ledger: Ledger;
  names: StreamNames;
}

/** A part of this service: what it answers over gRPC, does at set times, and starts and stops. */
export interface Feature {
  services?: GrpcServiceBinding[];
  tasks?: ScheduledTask[];
  start?(): void;
  /** Called when the service drains; ends what it has in hand. */
  stop?(): Promise<void> | void;
}

export type CreateFeature = (deps: FeatureDeps) => Feature;
