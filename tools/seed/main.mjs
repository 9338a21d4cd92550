// `npm run seed`: a believable history of demo tenants, written by the ledger's own road; `--remove` takes it away again.
import path from 'node:path';
import { dataDirFrom, readJson } from '../lib/data-dir.mjs';
import { loadEnv } from '../lib/entry.mjs';
import { root } from '../lib/load-sources.mjs';
import { renderTable } from '../lib/terminal-table.mjs';
import { createProgress } from '../verifier/options.mjs';
import { analyse, connect, lookAround } from './database.mjs';
import { editionOf } from './drafts.mjs';
import { createTally, recordsOf } from './history.mjs';
import { loadLibrary } from './library.mjs';
import { settingsOf, usage } from './options.mjs';
import { removeHistory } from './remove.mjs';
import { jsonOf, renderSeed } from './report.mjs';
import { writeHistory } from './write.mjs';

function databaseUrlOf({ databaseUrl }) {
  const env = loadEnv(root);
  const running = readJson(path.join(dataDirFrom(env, root), 'run.json'));
  const found = databaseUrl ?? env.DATABASE_URL ?? running?.urls?.postgres;
  if (found) return found;
  throw new Error(
    'There is no ledger to write to: start Costlane (npm start), or name its database with --database or DATABASE_URL.',
  );
}

/** The history to write: the one that is there, unless another was asked for by name, which is refused. */
function historyOf({ history, isChosen, isSure }, found) {
  if (found.hasStrangers)
    throw new Error('A demo tenant has requests that are not of the demo: demo data is not written beside them.');
  if (found.hasOthers && !isSure)
    throw new Error(
      'The ledger has requests of other tenants. The demo has tenants of its own, but it would be part of the sums of the whole deployment, and its anomalies and budgets may raise alerts. Give --yes if that is meant.',
    );
  if (found.history === undefined) return history;
  if (isChosen && editionOf(found.history) !== editionOf(history))
    throw new Error(
      `There is other demo data already (${editionOf(found.history)}). Remove it first: npm run seed -- --remove`,
    );
  return found.history;
}

function dryRun(library, catalog, { history }) {
  const tally = createTally(history);
  for (const each of recordsOf(library, catalog, history)) tally.add(each);
  return { history, tally, isDryRun: true };
}

/**
 * Commits need not wait for the disk: what a crash of Postgres loses is written by the next run, for rows and their rollups' marks go together.
 */
function hurried(databaseUrl) {
  const url = new URL(databaseUrl);
  const asked = url.searchParams.get('options');
  url.searchParams.set('options', `${asked ? `${asked} ` : ''}-c synchronous_commit=off`);
  return url.href;
}

async function withLedger(library, settings, work) {
  const databaseUrl = databaseUrlOf(settings);
  const client = await connect(databaseUrl);
  const logger = library.createLogger({ service: 'seed', level: 'error' });
  const ledger = library.createLedger({
    databaseUrl: hurried(databaseUrl),
    logger,
    poolSize: 4,
    statementTimeoutMs: 60_000,
    infrastructureCostOf: library.infrastructureCostOf,
  });
  try {
    await ledger.migrate();
    return await work({ client, ledger });
  } finally {
    await ledger.close();
    await client.end().catch(() => undefined);
  }
}

const write = (library, catalog, settings, progressOf) =>
  withLedger(library, settings, async ({ client, ledger }) => {
    const history = historyOf(settings, await lookAround(client));
    const result = await writeHistory({ library, catalog, ledger, client, history, nowMs: Date.now(), progressOf });
    await analyse(client);
    return { history, ...result, isDryRun: false };
  });

async function remove(library, settings, progressOf) {
  const { deleted, rest } = await withLedger(library, settings, ({ client, ledger }) =>
    removeHistory({ ledger, client, progressOf }),
  );
  if (rest.requests + rest.rollups > 0 || rest.entries !== '0')
    throw new Error(
      `${deleted} requests were removed; of the demo tenants there remain ${rest.requests} requests, ${rest.rollups} rollup rows and entries of ${rest.entries} nano-dollars.`,
    );
  if (settings.isJson) console.log(JSON.stringify({ removed: deleted }));
  else
    console.log(
      `${deleted.toLocaleString('en-US')} requests of the demo are gone, and their entries add up to nothing.`,
    );
}

async function main(argv) {
  const settings = settingsOf(argv, Date.now());
  if (settings.isHelp) return void console.log(usage);
  const progressOf = settings.isJson ? () => () => undefined : createProgress;
  const library = await loadLibrary();
  if (settings.isRemoval) return remove(library, settings, progressOf);
  const catalog = library.createPriceCatalog();
  try {
    const result = settings.isDryRun
      ? dryRun(library, catalog, settings)
      : await write(library, catalog, settings, progressOf);
    console.log(settings.isJson ? JSON.stringify(jsonOf(result)) : renderSeed(result, renderTable));
  } finally {
    catalog.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
