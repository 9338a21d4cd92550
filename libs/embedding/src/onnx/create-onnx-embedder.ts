import { CostlaneError } from '@costlane/domain';
import { withinLimits } from '../call-end';
import { assertWanted, closed } from '../call-limits';
import type { EmbedOptions, Embedder } from '../embedder';
import { createWordPiece } from '../static/word-piece';
import { toUnitLength } from '../unit-vector';
import { readModelDir } from './model-dir';
import { createOnnxWorker } from './onnx-worker';
import { padBatch, planBatches, type TokenizedText } from './plan-batches';
import { resolveRuntime } from './runtime-path';

export interface OnnxEmbedderOptions {
  /** Folder with one `.onnx` file and its `tokenizer.json` or `vocab.txt`. */
  modelDir: string;
  /** Of the model's vectors; 384, MiniLM's, when it is not given. Vectors of another length are refused. */
  dimension?: number;
  /** Threads that one batch is computed by. */
  threads?: number;
  /** Pieces of a text, markers included; what comes after them is not read. */
  maxTokens?: number;
  /** Texts of one batch: the thread answers nobody else meanwhile. */
  maxBatchTexts?: number;
  /** Where onnxruntime-node lies, when it is not beside Costlane's own packages. */
  runtime?: string;
}

/** A batch's ids with padding: about 300 ms of MiniLM in int8 on one core. */
const maxBatchIds = 4_096;

/**
 * A BERT-like sentence model in ONNX format, such as all-MiniLM-L6-v2, in a thread of its own. Throws a CostlaneError `unavailable` when
 * the runtime or the files are missing; that the model cannot be loaded shows in the first call. Calls are computed one after the other:
 * bound them with `createBatchingEmbedder`.
 */
export function createOnnxEmbedder(options: OnnxEmbedderOptions): Embedder {
  const { dimension = 384, threads = 1, maxTokens = 256, maxBatchTexts = 32 } = options;
  const runtime = resolveRuntime(options.runtime);
  const { modelFile, pieces, digest } = readModelDir(options.modelDir);
  const unknown = pieces.indexOf('[UNK]');
  const markers = { first: pieces.indexOf('[CLS]'), last: pieces.indexOf('[SEP]') };
  const tokenizer = createWordPiece(pieces, 1, { maxPieces: maxTokens - 2 });
  const worker = createOnnxWorker({ runtime, modelFile, threads });
  let isClosed = false;

  const tokenize = (text: string, place: number): TokenizedText => ({
    place,
    ids: tokenizer.encode(text).map((id) => (id === pieces.length ? unknown : id)),
  });

  async function embedAll(texts: readonly string[], limits: EmbedOptions | undefined): Promise<Float32Array[]> {
    const vectors: Float32Array[] = texts.map(() => new Float32Array(dimension));
    const filled = texts.map(tokenize).filter(({ ids }) => ids.length > 0);
    for (const batch of planBatches(filled, { maxTexts: maxBatchTexts, maxIds: maxBatchIds })) {
      if (isClosed) throw closed();
      assertWanted(limits);
      const values = await worker.run(padBatch(batch, markers));
      if (values.length !== batch.length * dimension) {
        const found = values.length / batch.length;
        throw new CostlaneError('unavailable', `The model gives ${found} numbers a text instead of ${dimension}.`);
      }
      batch.forEach(({ place }, row) => {
        vectors[place] = toUnitLength(values.slice(row * dimension, (row + 1) * dimension));
      });
    }
    return vectors;
  }

  return {
    modelId: `onnx-${digest}-${maxTokens}`,
    dimension,
    async embed(texts, limits) {
      if (isClosed) throw closed();
      assertWanted(limits);
      return withinLimits(embedAll(texts, limits), limits);
    },
    async close() {
      isClosed = true;
      await worker.close();
    },
  };
}
