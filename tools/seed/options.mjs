import { readOptions } from '../verifier/options.mjs';
import { hourMs } from './calendar.mjs';

export const usage = `npm run seed [-- options]

  Writes a history of demo tenants (demo-…) into the ledger of the system that runs from this checkout: requests with
  cache hits, routing, prefixes, batches, errors, experiments and a few anomalies, priced by real list prices, with
  rollups, budgets and anomalies. The same options give the same rows; running it again changes nothing.

  --requests N     how many (default 40000, at the most 20000000)
  --days N         of how many days (default 90, 7 to 400)
  --until TIME     where it ends: a day, or an hour such as 2026-11-27T09:00Z (default: the last full hour)
  --seed N         all that is drawn follows from it (default 1)
  --database URL   the ledger's database (default DATABASE_URL, else that of the running system)
  --dry-run        says what it would write, and writes nothing
  --remove         takes all of it away again
  --yes            even where the ledger has requests of other tenants
  --json           the result as one JSON document

Examples
  npm run seed
  npm run seed -- --dry-run --requests 1000000
  npm run seed -- --remove`;

const optionTable = {
  requests: { type: 'string' },
  days: { type: 'string' },
  until: { type: 'string' },
  seed: { type: 'string' },
  database: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  remove: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const defaults = { seed: 1, days: 90, requests: 40_000 };

function whole(name, value, least, most) {
  const parsed = value?.trim() ? Number(value) : NaN;
  if (Number.isInteger(parsed) && parsed >= least && parsed <= most) return parsed;
  throw new Error(`--${name} has to be a whole number from ${least} to ${most}, not "${value}"`);
}

function hourOf(text, nowMs) {
  if (text === undefined) return Math.floor(nowMs / hourMs) * hourMs;
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):00(?::00)?Z)?$/.exec(text);
  const timeMs = match ? Date.parse(`${match[1]}T${match[2] ?? '00'}:00:00Z`) : NaN;
  if (Number.isNaN(timeMs))
    throw new Error(
      `--until has to be a day or a full hour in UTC, such as 2026-11-27 or 2026-11-27T09:00Z, not "${text}"`,
    );
  if (timeMs > nowMs) throw new Error(`--until ${text} has not come yet; a history ends in the past`);
  return timeMs;
}

/**
 * The options as settings. `isChosen`: something of the history was asked for by name; without it a history that is there already is taken
 * for the one that is meant. Throws a sentence that names the option.
 */
export function settingsOf(argv, nowMs) {
  const options = readOptions(argv, optionTable, usage);
  const { seed, days, requests, until, database } = options;
  if (options.remove && options['dry-run']) throw new Error('--remove and --dry-run do not go together');
  if (database !== undefined && !URL.canParse(database))
    throw new Error('--database has to be an address like postgres://user:password@host:5432/name');
  return {
    isHelp: options.help,
    isDryRun: options['dry-run'],
    isRemoval: options.remove,
    isSure: options.yes,
    isJson: options.json,
    databaseUrl: database,
    isChosen: [seed, days, requests, until].some((value) => value !== undefined),
    history: {
      seed: seed === undefined ? defaults.seed : whole('seed', seed, 0, 2 ** 31),
      days: days === undefined ? defaults.days : whole('days', days, 7, 400),
      requests: requests === undefined ? defaults.requests : whole('requests', requests, 100, 20_000_000),
      untilMs: hourOf(until, nowMs),
    },
  };
}
