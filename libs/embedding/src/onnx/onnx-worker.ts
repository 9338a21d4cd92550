import { Worker } from 'node:worker_threads';
import { CostlaneError } from '@costlane/domain';
import { closed } from '../call-limits';
import { workerMain, type BatchRequest, type WorkerReply, type WorkerSettings } from './worker-main';

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

/** Starts the thread; after a crash the next batch starts another one. */
export function createOnnxWorker(settings: WorkerSettings): OnnxWorker {
  const waiting = new Map<number, Waiting>();
  let isClosed = false;
  let lastId = 0;
  let worker: Worker | undefined = start();

  function start(): Worker {
    const thread = new Worker(program, { eval: true, workerData: settings, name: 'onnx' });
    // Texts that wait keep the process alive by their own means; an idle model must not.
    thread.unref();
    let isReady = false;
    thread.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'ready') isReady = true;
      else settle(reply);
    });
    thread.on('error', (cause) => {
      if (worker === thread) worker = undefined;
      const what = isReady ? 'stopped' : 'cannot be loaded';
      failAll(new CostlaneError('unavailable', `The embedding model ${settings.modelFile} ${what}.`, { cause }));
    });
    thread.on('exit', () => {
      if (worker === thread) worker = undefined;
      failAll(isClosed ? closed() : new CostlaneError('unavailable', 'The thread of the embedding model ended.'));
    });
    return thread;
  }

  function settle(reply: Exclude<WorkerReply, { kind: 'ready' }>): void {
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
