// The TypeScript that the two commands run, bundled by esbuild when they start: they work in a checkout with nothing built.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const shippedWeightsFile = path.join(root, 'libs/routing-predictor/weights/router-weights.bin');
export const labelledPromptsFile = path.join(root, 'libs/domain/src/complexity/fixtures/labelled-prompts.json');

const entry = `
export * from './libs/routing-predictor/src/training/index';
export { estimateComplexity } from './libs/domain/src/complexity/estimate-complexity';
`;

/** Predictor, its training and the complexity score, as one module. */
export async function loadLibrary() {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const outfile = path.join(root, 'dist/tools/router.mjs');
  mkdirSync(path.dirname(outfile), { recursive: true });
  await esbuild.build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts', sourcefile: 'router-tools.ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    tsconfig: path.join(root, 'tsconfig.base.json'),
  });
  return import(pathToFileURL(outfile).href);
}
