import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folderOfBatching = fileURLToPath(new URL('../../libs/domain/src/batching', import.meta.url));

const entry = `
export { clusterVectors } from './cluster-vectors';
export { createBatchScheduler } from './create-batch-scheduler';
export { createFifoScheduler } from './testing/fifo-scheduler';
export { seededRandom } from './testing/random';
export { floodTenant, makeScenario, scenarioNames } from './testing/scenarios';
export { simulateBatcher } from './testing/simulate-batcher';
export { quantile, summariseRun } from './testing/summarise-run';
export { defaultProvider, meanServiceMs, populate } from './testing/synthetic-workload';
`;

/** The scheduler and its simulation as they stand in the sources, bundled into a file that is gone once it has been read. */
export async function loadLibrary() {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'costlane-batcher-'));
  const outfile = path.join(folder, 'library.mjs');
  try {
    await esbuild.build({
      stdin: { contents: entry, resolveDir: folderOfBatching, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
