import { createLedger } from '@costlane/ledger';
import { createLogger, loadConfig } from '@costlane/platform';
import { configSchema, type CostAttributionConfig } from './config';
import { runMigrations } from './migrate/run-migrations';
import { startCostAttribution } from './start-cost-attribution';

const config = loadConfig(configSchema);
if (process.argv.includes('--migrate')) void migrate(config).then((code) => process.exit(code));
else
  startCostAttribution(config).catch((err: unknown) => {
    createLogger({ service: 'cost-attribution' }).fatal({ err }, 'the service could not start');
    process.exit(1);
  });

/** A command for people and launchers: plain lines, and no log. */
function migrate({ databaseUrl }: CostAttributionConfig): Promise<number> {
  const logger = createLogger({ service: 'cost-attribution', level: 'silent' });
  return runMigrations({
    ledger: createLedger({ databaseUrl, logger, poolSize: 2 }),
    databaseUrl,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
  });
}
