// `npm run replay:routing`: what past traffic would have cost under another routing policy, without calling a model.
import path from 'node:path';
import { readOptions } from '../verifier/options.mjs';
import { loadLibrary, replayEntry } from './library.mjs';
import { createModelFinder, policyFor, readPolicyFile } from './replay-policy.mjs';
import { renderReplay } from './replay-report.mjs';
import { decisionOf, pastRequestOf, queryRows, readRows } from './traffic.mjs';

const usage = `npm run replay:routing -- --rows FILE | --database URL [options]

  --rows FILE          rows of llm_requests (CSV, JSON or JSON lines), or a workload: JSON lines with "prompt" or "messages",
                       "model_used" and, where known, "output_tokens", "paid_nano_usd", "tenant_id"
  --model NAME         of rows that do not say: the model that answered them
  --database URL       the ledger itself (DATABASE_URL of the services; a reader's rights will do)
  --days N             of the ledger, the last N days (default 7)
  --tenant T           of the ledger, one tenant
  --limit N            of the ledger, the latest N requests (default 200000)
  --policy FILE        JSON: settings that differ from the router's defaults, "models" to choose from besides those of the
                       traffic's auto requests, "tenants", "defaultModel", "hasPredictor" (default: the default settings)
  --prices FILE        prices of one's own over the built-in list (PRICES_FILE's format)
  --prompt-factor N    by how much another model may count prompts otherwise (default 1.15)
  --output-factor N    by how much longer or shorter its answers may be (default 1.5)
  --reasoning-factor N and by how much, on top, if it reasons where the other one did not (default 4)
  --seed N             of the intervals (default 1)
  --json               one JSON document on standard output`;

const optionTable = {
  rows: { type: 'string' },
  model: { type: 'string' },
  database: { type: 'string' },
  days: { type: 'string', default: '7' },
  tenant: { type: 'string' },
  limit: { type: 'string', default: '200000' },
  policy: { type: 'string' },
  prices: { type: 'string' },
  'prompt-factor': { type: 'string', default: '1.15' },
  'output-factor': { type: 'string', default: '1.5' },
  'reasoning-factor': { type: 'string', default: '4' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function number(options, name, least, most, isWhole = true) {
  const value = options[name].trim() === '' ? NaN : Number(options[name]);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(
    `--${name} has to be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, not "${options[name]}"`,
  );
}

function settingsOf(options) {
  if ((options.rows === undefined) === (options.database === undefined))
    throw new Error(`give either --rows or --database\n\n${usage}`);
  if (options.database !== undefined && !URL.canParse(options.database))
    throw new Error('--database has to be an address like postgres://user:password@host:5432/name');
  return {
    ...options,
    days: number(options, 'days', 1, 3_650),
    limit: number(options, 'limit', 1, 5_000_000),
    seed: number(options, 'seed', 0, 2 ** 31),
    spread: {
      prompt: number(options, 'prompt-factor', 1, 10, false),
      output: number(options, 'output-factor', 1, 100, false),
      reasoning: number(options, 'reasoning-factor', 1, 100, false),
    },
  };
}

/**
 * The models of the rows, with their providers. `isOpen`: it answered a request that left the choice, or stood on its record as a candidate.
 */
function seenModels(rows) {
  const seen = new Map();
  const see = (name, provider, isOpen) => {
    if (typeof name !== 'string' || name === '') return;
    const known = seen.get(name);
    seen.set(name, { name, provider: known?.provider ?? (provider || undefined), isOpen: known?.isOpen || isOpen });
  };
  for (const row of rows) {
    const isOpen = row.model_asked === undefined || row.model_asked === '' || row.model_asked === 'auto';
    see(row.model_used, row.provider, isOpen);
    const decision = isOpen ? decisionOf(row) : undefined;
    for (const { model, provider } of decision?.candidates ?? []) see(model, provider, true);
  }
  return [...seen.values()];
}

async function replay(settings) {
  const document = readPolicyFile(settings.policy);
  const read = settings.rows ? readRows(settings.rows) : await queryRows(settings.database, settings);
  const { model } = settings;
  const rows = model === undefined ? read : read.map((row) => (row.model_used ? row : { ...row, model_used: model }));
  const name = settings.rows ?? 'the ledger';
  const library = await loadLibrary(replayEntry);
  const catalog = library.createPriceCatalog({ pricesFile: settings.prices });
  try {
    const seen = seenModels(rows);
    const find = createModelFinder(library, catalog, [...new Set(seen.flatMap(({ provider }) => provider ?? []))]);
    const { policy, unknown } = policyFor(library, { document, find, seen });
    const priceOf = (provider, model) => (find(model, provider) ?? find(model))?.price;
    const context = { library, name, priceOf, usePredictor: document.hasPredictor !== false };
    const requests = rows.map((row, at) => pastRequestOf(row, at, context));
    const { spread, seed } = settings;
    return {
      source: settings.rows ? path.basename(settings.rows) : `the ledger’s last ${settings.days} days`,
      policy: {
        settings: policy.settings,
        models: [...policy.models.values()].map((model) => ({ name: model.name, tier: model.tier })),
      },
      priceList: catalog.version,
      spread,
      seed,
      unknownModels: unknown,
      report: library.replayTraffic(policy, requests, { spread, seed }),
    };
  } finally {
    catalog.close();
  }
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  const result = await replay(settingsOf(options));
  console.log(options.json ? JSON.stringify(result) : renderReplay(result));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
