import { waitUntilReady } from './wait-until-ready';

describe('waiting for what has to be there', () => {
  it('asks until the answer is yes, and tells each reason once', async () => {
    const told: string[] = [];
    const answers: (() => Promise<boolean>)[] = [
      async () => Promise.reject(new Error('refused')),
      async () => Promise.reject(new Error('refused')),
      async () => false,
      async () => true,
    ];
    const { signal } = new AbortController();
    const isReady = () => (answers.shift() ?? (async () => false))();
    expect(await waitUntilReady(isReady, { signal, baseMs: 1, onWait: (reason) => told.push(reason) })).toBe(true);
    expect(told).toEqual(['refused', 'its tables are not there yet']);
  });

  it('ends with its signal, also in the middle of a wait', async () => {
    const ending = new AbortController();
    const waiting = waitUntilReady(async () => false, {
      signal: ending.signal,
      baseMs: 60_000,
      onWait: () => ending.abort(),
    });
    expect(await waiting).toBe(false);
  });
});
