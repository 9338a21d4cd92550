// Cosines of a contextual embedder: from a file, or worked out by the ONNX embedder where its runtime is installed.
import { createProgress } from './options.mjs';
import { embedCosines, readCosines } from './rows.mjs';

/**
 * `{ cosinesOf, source, close }`, or `{ skipped }` with the reason. `cosinesOf(pairs)` embeds each text once, however often it is called.
 * A folder that was asked for by an option and cannot be used is an error; one of the environment is skipped.
 */
export function openDense(library, { onnx }) {
  const folder = onnx ?? process.env.COSTLANE_ONNX_MODEL;
  if (!folder) return { skipped: 'no ONNX embedder: --onnx DIR or COSTLANE_ONNX_MODEL names its folder' };
  let embedder;
  try {
    embedder = library.embedding.createOnnxEmbedder({ modelDir: folder });
  } catch (error) {
    if (onnx && !/onnxruntime-node/.test(error.message)) throw error;
    return { skipped: `the ONNX embedder cannot be used: ${error.message}` };
  }
  const cache = new Map();
  return {
    source: embedder.modelId,
    cosinesOf: (pairs) => embedCosines(embedder, pairs, { cache, onProgress: createProgress('embedding') }),
    close: () => embedder.close(),
  };
}

/** Cosines of these pairs from files or the embedder; undefined where there are none. */
export async function denseCosinesOf(dense, files, pairs) {
  if (files) return readCosines(files, pairs.length);
  return dense.cosinesOf?.(pairs);
}
