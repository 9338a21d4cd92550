import type { Ledger, RollupOutcome, RollupRun } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { RollupVersions } from '../analytics/rollup-version';

export type RollUp = (options: RollupRun) => Promise<RollupOutcome>;

/** Brings the rollups up to date and tells whoever keeps answers out of them. Throws `DatabaseError`. */
export function createRollUp(deps: {
  rollups: Pick<Ledger['rollups'], 'run'>;
  versions: Pick<RollupVersions, 'changed'>;
  logger: Logger;
}): RollUp {
  const { rollups, versions, logger } = deps;
  return async (options) => {
    const outcome = await rollups.run(options);
    await versions.changed(outcome.tenants);
    const { tenants, ...figures } = outcome;
    if (outcome.rows > 0) logger.debug({ ...figures, tenants: tenants.length }, 'rolled up');
    return outcome;
  };
}
