// The TypeScript that the two commands run, bundled by esbuild when they start: they work in a checkout with nothing built.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const entry = `
export * from './libs/semantic-verifier/src/training/index';
export { createFeatureExtractor } from './libs/semantic-verifier/src/features/index';
export { generateRows } from './libs/semantic-verifier/src/generated-rows/index';
export { createPairVerifier, loadVerifierWeights } from './libs/semantic-verifier/src/index';
export { encodeWeights } from './libs/semantic-verifier/src/model/verifier-weights';
export * as embedding from './libs/embedding/src/index';
`;

/** Everything of the verifier and the embedders, as one module. */
export async function loadLibrary() {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const outfile = path.join(root, 'dist/tools/verifier.mjs');
  mkdirSync(path.dirname(outfile), { recursive: true });
  await esbuild.build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts', sourcefile: 'verifier-tools.ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    tsconfig: path.join(root, 'tsconfig.base.json'),
    external: ['onnxruntime-node'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return import(pathToFileURL(outfile).href);
}

/** Whether the ONNX runtime, which the default install leaves out, can be loaded. */
export function hasOnnxRuntime() {
  try {
    createRequire(path.join(root, 'package.json')).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
}

export const shippedWeightsFile = path.join(root, 'libs/semantic-verifier/weights/verifier-weights.bin');
export const shippedModelFile = path.join(root, 'libs/embedding/model/static-model.bin');
