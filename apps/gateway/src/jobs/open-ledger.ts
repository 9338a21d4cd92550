import { createLedger, type Ledger } from '@costlane/ledger';
import type { Logger, Shutdown } from '@costlane/platform';
import type { GatewayConfig } from '../config';

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 1_500;

/**
 * The gateway's own few connections to Postgres, for jobs and files, opened with the first use; undefined where none is configured. Doors of
 * models do without.
 */
export function openLedger(
  { DATABASE_URL: databaseUrl }: Pick<GatewayConfig, 'DATABASE_URL'>,
  logger: Logger,
  shutdown: Pick<Shutdown, 'onClose'>,
): Ledger | undefined {
  if (databaseUrl === undefined) return undefined;
  const ledger = createLedger({ databaseUrl, logger, poolSize: POOL_SIZE, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  shutdown.onClose('ledger', () => ledger.close());
  return ledger;
}
