import { createWorkQueue } from './work-queue';

const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
};

describe('the work queue', () => {
  test('runs no more works at a time than it may, in the order they came', async () => {
    const queue = createWorkQueue({ concurrency: 2, maxQueue: 10 });
    const gates = Array.from({ length: 5 }, deferred);
    const started: number[] = [];
    const works = gates.map((gate, i) =>
      queue.run(async () => {
        started.push(i);
        await gate.promise;
        return i;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([0, 1]);
    gates[1]?.resolve();
    await works[1];
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    expect(await Promise.all(works)).toEqual([0, 1, 2, 3, 4]);
  });

  test('refuses with overloaded when the queue is full', async () => {
    const queue = createWorkQueue({ concurrency: 1, maxQueue: 1 });
    const gate = deferred();
    const works = [queue.run(() => gate.promise), queue.run(() => gate.promise)];
    await expect(queue.run(async () => 'never')).rejects.toMatchObject({ code: 'overloaded' });
    gate.resolve();
    await Promise.all(works);
  });

  test('a work that fails makes room for the next', async () => {
    const queue = createWorkQueue({ concurrency: 1, maxQueue: 1 });
    const failing = queue.run(() => Promise.reject(new Error('broken')));
    const next = queue.run(async () => 'done');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('done');
  });
});
