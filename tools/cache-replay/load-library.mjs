import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const entry = `
export { createLocalNeighbourhood } from './apps/cache/src/semantic/local-neighbourhood';
export { createLookUpService } from './apps/cache/src/semantic/look-up.service';
export { createFalseHitGuard } from './apps/cache/src/semantic/false-hit-guard';
export { createMemoryTier } from './libs/response-store/src/memory-tier';
export { createStaticEmbedder } from './libs/embedding/src/static/create-static-embedder';
export { loadStaticModel } from './libs/embedding/src/static/load-static-model';
export { createPairVerifier, loadVerifierWeights } from './libs/semantic-verifier/src/index';
export { parseAuthored } from './libs/semantic-verifier/src/training/authored-pairs';
export { parsePairs } from './libs/semantic-verifier/src/training/labelled-pair';
export { createRandom, shuffle } from './libs/semantic-verifier/src/training/seeded-random';
export { createEmbeddedIndex } from './libs/vector-index/src/index';
export { fingerprint } from './libs/domain/src/fingerprint';
`;
const clockEntry = `export { clock } from './tools/cache-replay/virtual-clock.mjs';`;

/** Our libraries do nothing by being imported: what a replay does not use (gRPC, Redis, metrics) stays out of the bundle. */
const withoutSideEffects = {
  name: 'without-side-effects',
  setup(build) {
    build.onResolve({ filter: /^(\.|@costlane\/)/ }, async ({ path: asked, pluginData, ...rest }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await build.resolve(asked, { ...rest, pluginData: 'resolved' });
      return found.path.startsWith(path.join(root, 'libs')) ? { ...found, sideEffects: false } : found;
    });
  },
};

/**
 * The product's own code as it stands in the sources, bundled into a file that is gone once it has been read. `hasVirtualClock`: with the time of
 * virtual-clock.mjs, whose `clock` comes along.
 */
export async function loadLibrary({ hasVirtualClock = true } = {}) {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'costlane-replay-'));
  const outfile = path.join(folder, 'library.mjs');
  try {
    await esbuild.build({
      stdin: { contents: hasVirtualClock ? entry + clockEntry : entry, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'warning',
      tsconfig: path.join(root, 'tsconfig.base.json'),
      inject: hasVirtualClock ? [path.join(root, 'tools/cache-replay/virtual-clock.mjs')] : [],
      plugins: [withoutSideEffects],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
