import { createTickQueue } from './tick-queue';

/** A sender under the test's control: each batch waits until it is let go. */
function controlledSender() {
  const batches: number[][] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const send = (batch: number[]): Promise<void> =>
    new Promise((resolve, reject) => {
      batches.push([...batch]);
      waiting.push({ resolve, reject });
    });
  return { batches, waiting, send };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createTickQueue', () => {
  it('sends what came in one tick as one batch, in order', async () => {
    const { batches, send } = controlledSender();
    const queue = createTickQueue<number>(send);
    for (const item of [1, 2, 3]) queue.push(item);
    expect(batches).toEqual([]);
    await tick();
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('sends the next batch when the one before has been taken, with all that came meanwhile', async () => {
    const { batches, waiting, send } = controlledSender();
    const queue = createTickQueue<number>(send);
    queue.push(1);
    await tick();
    for (const item of [2, 3]) queue.push(item);
    await tick();
    queue.push(4);
    await tick();
    expect(batches).toEqual([[1]]);
    expect(queue.size()).toBe(4);
    waiting[0]?.resolve();
    await tick();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    expect(queue.size()).toBe(3);
  });

  it('goes on after a batch that was rejected', async () => {
    const { batches, waiting, send } = controlledSender();
    const queue = createTickQueue<number>(send);
    queue.push(1);
    await tick();
    queue.push(2);
    waiting[0]?.reject(new Error('refused'));
    await tick();
    expect(batches).toEqual([[1], [2]]);
  });

  it('cuts what has gathered into batches of the size allowed', async () => {
    const { batches, waiting, send } = controlledSender();
    const queue = createTickQueue<number>(send, 2);
    for (const item of [1, 2, 3, 4, 5]) queue.push(item);
    for (let turn = 0; turn < 3; turn++) {
      await tick();
      waiting[turn]?.resolve();
    }
    await queue.idle();
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('gives back what waits, and sends the rest only', async () => {
    const { batches, waiting, send } = controlledSender();
    const queue = createTickQueue<number>(send);
    queue.push(1);
    await tick();
    for (const item of [2, 3]) queue.push(item);
    expect(queue.takeWaiting()).toEqual([2, 3]);
    waiting[0]?.resolve();
    await queue.idle();
    queue.push(4);
    await tick();
    expect(batches).toEqual([[1], [4]]);
  });

  it('is idle at once when nothing waits, else when all has been sent, also what failed', async () => {
    const { waiting, send } = controlledSender();
    const queue = createTickQueue<number>(send);
    await queue.idle();
    queue.push(1);
    let isIdle = false;
    const idle = Promise.all([queue.idle(), queue.idle()]).then(() => (isIdle = true));
    await tick();
    expect(isIdle).toBe(false);
    queue.push(2);
    waiting[0]?.reject(new Error('refused'));
    await tick();
    expect(isIdle).toBe(false);
    waiting[1]?.resolve();
    await idle;
    expect(queue.size()).toBe(0);
  });
});
