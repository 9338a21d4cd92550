// npm run eval:anomaly: what the detectors find of what was injected into simulated traffic, how soon, and how often they cry wolf.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadLibrary } from './library.mjs';
import { measureWorld } from './measure.mjs';
import { readOptions } from './options.mjs';
import { renderReport, summarise } from './report.mjs';
import { createWorld, runWorld } from './run-seed.mjs';

async function runSeed({ seed, hasFeedback }) {
  const library = await loadLibrary();
  const world = createWorld(seed);
  const run = runWorld(world, library, library.defaultAnomalySettings, { hasFeedback });
  return measureWorld({ ...world, ...run });
}

function inWorker(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: data });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function runAll({ seeds, first, workers, feedback }) {
  const waiting = Array.from({ length: seeds }, (_, at) => first + at);
  const results = new Map();
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      results.set(seed, await inWorker({ seed, hasFeedback: feedback }));
      process.stderr.write(`seed ${seed} is done\n`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return new Map([...results].sort(([a], [b]) => a - b));
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  const { defaultAnomalySettings } = await loadLibrary();
  const summary = summarise(await runAll(options), defaultAnomalySettings, options);
  const text = renderReport(summary);
  if (options.report !== undefined) writeFileSync(path.resolve(options.report), text);
  process.stdout.write(options.json ? `${JSON.stringify(summary, null, 2)}\n` : text);
}

if (!isMainThread) parentPort.postMessage(await runSeed(workerData));
else
  await main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
