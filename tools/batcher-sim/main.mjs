// `npm run sim:batcher`: the batch scheduler on a virtual clock, against no batcher. Exits with 0 where a trace is missing, and says so.
import { existsSync } from 'node:fs';
import { loadLibrary } from './load-library.mjs';
import { readOptions, usage } from './options.mjs';
import { renderMarkdown, renderText, tablesOf } from './report.mjs';
import { compare } from './simulate.mjs';
import { measure } from './timing.mjs';

async function main() {
  const library = await loadLibrary();
  const options = readOptions(process.argv.slice(2), library.scenarioNames);
  if (options.help) return console.log(usage);
  if (options.timing) return console.log(JSON.stringify(measure(library), null, 2));
  if (options.trace !== undefined && !existsSync(options.trace))
    return console.log(`skipped: there is no trace at ${options.trace}`);
  const result = compare(library, options);
  if (options.json) return console.log(JSON.stringify(result));
  const { offered, spanMs, provider } = result;
  console.log(
    `${offered} pieces of work in ${Math.round(spanMs / 1_000)} s, ${provider.places} places, seed ${options.seed}\n`,
  );
  const tables = tablesOf(result);
  console.log(options.markdown ? renderMarkdown(tables) : renderText(tables));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
