import type * as WorkerThreads from 'node:worker_threads';

/** What the worker is started with. */
export interface WorkerSettings {
  /** Path of onnxruntime-node's entry file. */
  runtime: string;
  modelFile: string;
  threads: number;
}

/** What the thread is handed. */
export interface WorkerData extends WorkerSettings {
  /** Its one number becomes 1 when the model is loaded. Shared memory, for an error can overtake a message of the same thread. */
  ready: Int32Array;
}

/** Texts of one length, padded: `ids` and `mask` are [count, length], in rows. */
export interface BatchRequest {
  id: number;
  count: number;
  length: number;
  ids: BigInt64Array;
  mask: BigInt64Array;
}

export type WorkerReply =
  { kind: 'vectors'; id: number; vectors: Float32Array } | { kind: 'failed'; id: number; message: string };

interface Tensor {
  data: unknown;
  dims: readonly number[];
}

/** The part of onnxruntime-node that is used. */
interface Runtime {
  InferenceSession: {
    create(file: string, options: object): Promise<Session>;
  };
  Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => Tensor;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, Tensor>, fetches: readonly string[]): Promise<Record<string, Tensor>>;
}

/**
 * The whole program of the worker thread. It is handed to the thread as text, so that it needs no file beside the bundle: it must use
 * nothing but its parameters and what is inside it.
 */
export async function workerMain(threads: typeof WorkerThreads, load: (file: string) => unknown): Promise<void> {
  const { parentPort, workerData } = threads;
  if (parentPort === null) return;
  const settings = workerData as WorkerData;
  const runtime = load(settings.runtime) as Runtime;
  const session = await runtime.InferenceSession.create(settings.modelFile, {
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionProviders: ['cpu'],
  });
  const output = session.outputNames.includes('sentence_embedding') ? 'sentence_embedding' : session.outputNames[0];
  if (output === undefined) throw new Error('the model has no output');

  /** The mean over the pieces that are not padding, where the model gives a vector a piece. */
  function pool(values: Float32Array, width: number, request: BatchRequest): Float32Array {
    const pooled = new Float32Array(request.count * width);
    for (let text = 0; text < request.count; text += 1) {
      for (let piece = 0; piece < request.length; piece += 1) {
        const row = text * request.length + piece;
        if (request.mask[row] === 0n) continue;
        for (let i = 0; i < width; i += 1) (pooled[text * width + i] as number) += values[row * width + i] as number;
      }
    }
    return pooled;
  }

  async function answer(request: BatchRequest): Promise<Float32Array> {
    const shape = [request.count, request.length];
    const inputs: Record<string, BigInt64Array> = {
      input_ids: request.ids,
      attention_mask: request.mask,
      token_type_ids: new BigInt64Array(request.ids.length),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of session.inputNames) {
      const data = inputs[name];
      if (data === undefined) throw new Error(`the model wants an input named ${name}`);
      feeds[name] = new runtime.Tensor('int64', data, shape);
    }
    const result = (await session.run(feeds, [output as string]))[output as string] as Tensor;
    const values = result.data as Float32Array;
    const width = result.dims[result.dims.length - 1] ?? 0;
    return result.dims.length === 3 ? pool(values, width, request) : values.slice();
  }

  parentPort.on('message', (request: BatchRequest) => {
    answer(request).then(
      (vectors) =>
        parentPort.postMessage({ kind: 'vectors', id: request.id, vectors }, [vectors.buffer as ArrayBuffer]),
      (error: Error) => parentPort.postMessage({ kind: 'failed', id: request.id, message: error.message }),
    );
  });
  Atomics.store(settings.ready, 0, 1);
}
