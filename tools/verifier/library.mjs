// The TypeScript that the two commands run.
import { createRequire } from 'node:module';
import path from 'node:path';
import { loadSources, root } from '../lib/load-sources.mjs';

export { root };

const entry = `
export * from './libs/semantic-verifier/src/training/index';
export { createFeatureExtractor } from './libs/semantic-verifier/src/features/index';
export { generateRows } from './libs/semantic-verifier/src/generated-rows/index';
export { createPairVerifier, loadVerifierWeights } from './libs/semantic-verifier/src/index';
export { encodeWeights } from './libs/semantic-verifier/src/model/verifier-weights';
export * as embedding from './libs/embedding/src/index';
`;

/** Everything of the verifier and the embedders, as one module. */
export const loadLibrary = () =>
  loadSources({ contents: entry, external: ['onnxruntime-node'], keptAs: 'dist/tools/verifier.mjs' });

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
