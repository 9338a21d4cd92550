// The product's own code as it stands in the sources, bundled by esbuild when a command starts: it works in a checkout with nothing built.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const shippedPromptsFile = fileURLToPath(new URL('./prompts.jsonl', import.meta.url));

const decisionEntry = `
export { chooseModel } from './libs/domain/src/routing/choose-model';
export { createPolicy } from './libs/domain/src/routing/create-policy';
export { createOutputLengths } from './libs/domain/src/routing/output-lengths';
export { expectedCostNanoUsd } from './libs/domain/src/routing/expected-cost';
export { readContent } from './libs/domain/src/routing/read-content';
export { modelTiers, tierOfPrice } from './libs/domain/src/routing/model-tier';
export { defaultRoutingSettings } from './libs/domain/src/routing/routing-settings';
export { estimateTokens } from './libs/domain/src/money/estimate-tokens';
import { createRoutingPredictor } from './libs/routing-predictor/src/index';
export const predictor = createRoutingPredictor(${JSON.stringify(path.join(root, 'libs/routing-predictor/weights/router-weights.bin'))});
`;

/** What the evaluation runs: decisions, the look at doubtful answers, and the static embedder. */
export const evalEntry = `${decisionEntry}
export { mockPrices } from './libs/pricing/src/mock-prices';
export { assessAnswer } from './apps/provider-worker/src/confidence/assess-answer';
export { createSchemaChecks } from './apps/provider-worker/src/confidence/schema-checks';
import { loadStaticModel } from './libs/embedding/src/static/load-static-model';
export const staticModel = loadStaticModel(${JSON.stringify(path.join(root, 'libs/embedding/model/static-model.bin'))});
`;

/** What the replay runs: decisions and prices. */
export const replayEntry = `${decisionEntry}
export { replayTraffic } from './libs/domain/src/routing/what-if/replay-traffic';
export { costOfUsage } from './libs/domain/src/money/cost-of-usage';
export { createPriceCatalog } from './libs/pricing/src/price-catalog';
export { autoChoiceOf } from './libs/pricing/src/catalog/auto-choice';
`;

/** Our libraries do nothing by being imported: what is not used stays out of the bundle. */
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

/** The module of an entry; its file is gone once it has been read. */
export async function loadLibrary(entry) {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'costlane-eval-'));
  const outfile = path.join(folder, 'library.mjs');
  try {
    await esbuild.build({
      stdin: { contents: entry, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'warning',
      tsconfig: path.join(root, 'tsconfig.base.json'),
      plugins: [withoutSideEffects],
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
