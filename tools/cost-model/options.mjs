import { readOptions } from '../verifier/options.mjs';

export const usage = `npm run cost-model [-- options]

  Recomputes what the workloads of docs/cost-model cost with and without Costlane, from list prices, and rewrites the
  derived tables (prices, by-workload, by-tenant, sensitivity, summary) and the figures in its README.

  --inputs DIR   a folder of your own with workloads.csv, assumptions.csv and infrastructure.csv; nothing is written
                 but where --out says
  --out DIR      where the tables go
  --check        writes nothing, and fails where a table or the README is not what the inputs give
  --json         the figures as one JSON document, amounts in exact dollars

Examples
  npm run cost-model -- --check
  cp -r docs/cost-model mine && npm run cost-model -- --inputs mine --out mine`;

const optionTable = {
  inputs: { type: 'string' },
  out: { type: 'string' },
  check: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** The options as settings; throws a sentence that names the option. */
export function settingsOf(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.check && options.out !== undefined) throw new Error('--check writes nothing: leave --out away');
  return options;
}
