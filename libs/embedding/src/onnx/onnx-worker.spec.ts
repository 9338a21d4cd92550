import path from 'node:path';
import { waitFor } from '@costlane/testing';
import { createOnnxWorker } from './onnx-worker';

const runtime = path.join(__dirname, '../testing/fake-onnx-runtime.cjs');
const settings = (modelFile: string) => ({ runtime, modelFile, threads: 1 });
/** A text of one piece. */
const batch = () => ({ count: 1, length: 3, ids: BigInt64Array.of(0n, 9n, 1n), mask: BigInt64Array.of(1n, 1n, 1n) });

describe('the thread of the ONNX model', () => {
  test('answers calls that are made at once, each with its own vectors', async () => {
    const worker = createOnnxWorker(settings('model.onnx'));
    const other = { ...batch(), ids: BigInt64Array.of(0n, 10n, 1n) };
    const [first, second, third] = await Promise.all([worker.run(batch()), worker.run(other), worker.run(batch())]);
    expect(first).toEqual(third);
    expect(first).not.toEqual(second);
    await worker.close();
  });

  test('after a death calls are refused at first, then another thread is started', async () => {
    const worker = createOnnxWorker(settings('crashing.onnx'), 200);
    const death = expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('stopped working') });
    const first = await worker.run(batch()).catch((error: unknown) => error);
    expect(first).toEqual(death);
    expect(await worker.run(batch()).catch((error: unknown) => error)).toBe(first);
    const later = await waitFor(
      async () => {
        const error: unknown = await worker.run(batch()).catch((reason: unknown) => reason);
        return error === first ? undefined : error;
      },
      { timeoutMs: 5_000 },
    );
    expect(later).toEqual(death);
    await worker.close();
  });

  test('a model that cannot be loaded is named, with what the runtime said as the cause', async () => {
    const worker = createOnnxWorker(settings('broken.onnx'));
    await expect(worker.run(batch())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('broken.onnx cannot be loaded'),
      cause: expect.objectContaining({ message: 'protobuf parsing failed' }),
    });
    await worker.close();
  });

  test('close refuses what waits and what comes', async () => {
    const worker = createOnnxWorker(settings('slow.onnx'));
    const waiting = expect(worker.run(batch())).rejects.toMatchObject({ code: 'unavailable' });
    await worker.close();
    await waiting;
    await expect(worker.run(batch())).rejects.toMatchObject({ code: 'unavailable' });
  });
});
