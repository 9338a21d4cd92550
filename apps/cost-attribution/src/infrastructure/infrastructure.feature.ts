import { reservedCostPerHour } from '@costlane/domain';
import type { Feature, FeatureDeps } from '../feature';

const USD_PER_NANO = 1e-9;

/** Shows what the deployment keeps ready, beside what requests account for: the difference is idle. */
export function createInfrastructureFeature({ config, metrics }: Pick<FeatureDeps, 'config' | 'metrics'>): Feature {
  const gauge = metrics.gauge({
    name: 'costlane_infrastructure_reserved_usd_per_hour',
    help: 'US dollars an hour for the cores, memory and storage that are kept ready (INFRA_RESERVED_*), whether they are used or not',
  });
  gauge.set(reservedCostPerHour(config.infrastructure) * USD_PER_NANO);
  return {};
}
