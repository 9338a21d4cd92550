import { createRollupVersions } from '../analytics/rollup-version';
import type { Feature, FeatureDeps } from '../feature';
import { measureRollupLag } from './measure-lag';
import { createRollUp } from './roll-up';
import { createRollupTasks } from './rollup-tasks';

/** Keeps the rollups up to date; `BooksService.Rollup` is answered with the other questions to the books. */
export function createRollupFeature(deps: FeatureDeps): Feature {
  const { config, ledger, metrics, logger } = deps;
  const lag = measureRollupLag({ rollups: ledger.rollups, metrics, logger });
  return {
    tasks: createRollupTasks(rollUpOf(deps), config.rollupIntervalSeconds),
    start: lag.start,
    stop: lag.stop,
  };
}

/** The same for whoever rolls up at other times. */
export const rollUpOf = ({ ledger, redis, names, logger }: FeatureDeps) =>
  createRollUp({ rollups: ledger.rollups, versions: createRollupVersions({ redis, names, logger }), logger });
