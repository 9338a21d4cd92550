import { createBackground } from './background';

const fail = (error: unknown): never => {
  throw error;
};

function* steps(count: number, each: () => void): Generator<void> {
  for (let i = 0; i < count; i++) {
    each();
    yield;
  }
}

describe('work in the background', () => {
  it('is not begun at once, and is over when it says so', async () => {
    const background = createBackground({ sliceMs: 1, onError: fail });
    let done = 0;
    background.run(steps(100, () => done++));
    expect(done).toBe(0);
    await background.settled();
    expect(done).toBe(100);
    await background.settled();
  });

  it('gives the event loop away after each slice', async () => {
    const background = createBackground({ sliceMs: 1, onError: fail });
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const busyMs = (ms: number): void => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    background.run(steps(20, () => busyMs(1)));
    await background.settled();
    clearInterval(count);
    expect(turns).toBeGreaterThan(5);
  });

  it('drops a task that throws, reports it and goes on with the others', async () => {
    const errors: unknown[] = [];
    const background = createBackground({ sliceMs: 1, onError: (error) => errors.push(error) });
    const problem = new Error('broken');
    let done = 0;
    background.run(
      steps(3, () => {
        throw problem;
      }),
    );
    background.run(steps(3, () => done++));
    await background.settled();
    expect([errors, done]).toEqual([[problem], 3]);
  });

  it('drops what is left when it is closed, and whoever waits for the end is told', async () => {
    const background = createBackground({ sliceMs: 1, onError: fail });
    let done = 0;
    background.run(steps(10, () => done++));
    const settled = background.settled();
    background.close();
    await settled;
    expect(done).toBe(0);
  });
});
