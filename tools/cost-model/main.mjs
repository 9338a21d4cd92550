// `npm run cost-model`: what the workloads of docs/cost-model cost with and without Costlane.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/load-sources.mjs';
import { renderTable } from '../lib/terminal-table.mjs';
import { readInputs } from './inputs.mjs';
import { loadLibrary } from './library.mjs';
import { settingsOf, usage } from './options.mjs';
import { renderMarkdown, renderText } from './report.mjs';
import { computeModel } from './scenarios.mjs';
import { netsOf, tablesOf, usd } from './tables.mjs';

const shippedFolder = path.join(root, 'docs/cost-model');
const figures = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;

/** The README with the figures between its marks, formatted as every document is. */
async function readmeOf(file, model, inputs) {
  const { format, resolveConfig } = await import('prettier');
  const text = readFileSync(file, 'utf8');
  if (!figures.test(text)) throw new Error(`${file} has no marks <!-- figures --> and <!-- /figures -->`);
  const filled = text.replace(figures, (_, open, close) => `${open}\n${renderMarkdown(model, inputs)}\n\n${close}`);
  return format(filled, { ...(await resolveConfig(file)), parser: 'markdown' });
}

function jsonOf({ total, infrastructure, scenarios }) {
  const amounts = ({ sums }) => Object.fromEntries(Object.entries(sums).map(([name, nanoUsd]) => [name, usd(nanoUsd)]));
  const nets = (sum) => {
    const { net, netDirect } = netsOf(sum, infrastructure);
    return { net: usd(net), net_of_direct: usd(netDirect) };
  };
  return {
    ...total,
    sums: { ...amounts(total), infrastructure: usd(infrastructure), ...nets(total) },
    scenarios: scenarios.map(({ name, kind, total: sum }) => ({ name, kind, ...amounts(sum), ...nets(sum) })),
  };
}

/** Files that are not as they should be; each is `{ file, text }`. */
const changedOf = (files) => files.filter(({ file, text }) => !existsSync(file) || readFileSync(file, 'utf8') !== text);

async function filesOf({ tables, model, inputs, folder, isShipped }) {
  const files = Object.entries(tables).map(([name, text]) => ({ file: path.join(folder, name), text }));
  if (!isShipped) return files;
  const readme = path.join(folder, 'README.md');
  return [...files, { file: readme, text: await readmeOf(readme, model, inputs) }];
}

function check(changed) {
  if (changed.length === 0) return console.log('The tables of the cost model are what its inputs give.');
  const names = changed.map(({ file }) => path.relative(root, file)).join(', ');
  throw new Error(`Not what the inputs and the price list give: ${names}. Run: npm run cost-model`);
}

async function main(argv) {
  const options = settingsOf(argv);
  if (options.help) return void console.log(usage);
  const library = await loadLibrary();
  const catalog = library.createPriceCatalog();
  try {
    const inputs = readInputs(options.inputs ?? shippedFolder, library.parseUsd);
    const model = computeModel(library, catalog, inputs);
    const tables = tablesOf(library, catalog, inputs, model);
    const folder = options.out ?? options.inputs ?? shippedFolder;
    const isShipped = path.resolve(folder) === path.resolve(shippedFolder);
    const files = await filesOf({ tables, model, inputs, folder, isShipped });
    if (options.check) return check(changedOf(files));
    if (options.out !== undefined || isShipped) {
      mkdirSync(folder, { recursive: true });
      for (const { file, text } of changedOf(files)) writeFileSync(file, text);
    }
    console.log(options.json ? JSON.stringify(jsonOf(model)) : renderText(model, inputs, renderTable));
  } finally {
    catalog.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
