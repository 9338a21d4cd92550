import { Worker } from 'node:worker_threads';
import { CostlaneError } from '@costlane/domain';
import { closed } from '../call-limits';
import { workerMain, type BatchRequest, type WorkerData, type WorkerReply, type WorkerSettings } from './worker-main';

/** The thread in which the model runs, so that a batch of some ten milliseconds does not hold up the service's other work. */
export interface OnnxWorker {
  /** Vectors of a batch, one after the other. Rejects with `unavailable` when the model cannot be loaded, else `internal`. */
  run(batch: Omit<BatchRequest, 'id'>): Promise<Float32Array>;
  close(): Promise<void>;
}

interface Waiting {
  resolve: (vectors: Float32Array) => void;
  reject: (error: CostlaneError) => void;
}

const program = `(${workerMain.toString()})(require('node:worker_threads'), require)`;

/** After a thread has died, calls are refused for so long before another one is started. */
const usualRestartDelayMs = 1_000;

/** Starts the thread at once, so that the first text does not wait for the model. */
export function createOnnxWorker(settings: WorkerSettings, restartDelayMs = usualRestartDelayMs): OnnxWorker {
  const waiting = new Map<number, Waiting>();
  let isClosed = false;
  let lastId = 0;
  let lastDeath: { error: CostlaneError; atMs: number } | undefined;
  let worker: Worker | undefined = start();

  function start(): Worker {
    const ready = new Int32Array(new SharedArrayBuffer(4));
    const workerData: WorkerData = { ...settings, ready };
    const thread = new Worker(program, { eval: true, workerData, name: 'onnx' });
    // An idle model does not keep the process alive; a call that waits does.
    thread.unref();
    const died = (what: string, cause?: unknown): void => {
      // `exit` follows `error`, and by then another thread may have been started.
      if (worker !== thread) return;
      worker = undefined;
      const error = new CostlaneError('unavailable', `The embedding model ${settings.modelFile} ${what}.`, { cause });
      lastDeath = { error, atMs: performance.now() };
      failAll(error);
    };
    thread.on('message', settle);
    thread.on('error', (cause) => died(Atomics.load(ready, 0) === 1 ? 'stopped working' : 'cannot be loaded', cause));
    thread.on('exit', () => died('has ended'));
    return thread;
  }

  function settle(reply: WorkerReply): void {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker?.unref();
    if (reply.kind === 'vectors') call?.resolve(reply.vectors);
    else
      call?.reject(new CostlaneError('internal', 'The embedding model failed.', { cause: new Error(reply.message) }));
  }

  function failAll(error: CostlaneError): void {
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  }

  return {
    run(batch) {
      if (isClosed) return Promise.reject(closed());
      if (worker === undefined && lastDeath !== undefined && performance.now() < lastDeath.atMs + restartDelayMs) {
        return Promise.reject(lastDeath.error);
      }
      const thread = (worker ??= start());
      const id = (lastId += 1);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        thread.ref();
        const request: BatchRequest = { ...batch, id };
        thread.postMessage(request, [batch.ids.buffer as ArrayBuffer, batch.mask.buffer as ArrayBuffer]);
      });
    },
    async close() {
      isClosed = true;
      failAll(closed());
      await worker?.terminate();
    },
  };
}
