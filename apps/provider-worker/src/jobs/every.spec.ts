import { waitFor } from '@costlane/testing';
import { every } from './every';

describe('work that is done again and again', () => {
  it('is done at once, never twice at a time, once more where it was wanted meanwhile, and goes on after a failure', async () => {
    let [running, most, count] = [0, 0, 0];
    const errors: unknown[] = [];
    let release: () => void = () => undefined;
    const repeated = every(
      60_000,
      async () => {
        most = Math.max(most, (running += 1));
        count += 1;
        await new Promise<void>((resolve) => (release = resolve));
        running -= 1;
        throw new Error('failed');
      },
      (error) => errors.push(error),
    );
    expect(count).toBe(1);
    repeated.soon();
    repeated.soon();
    release();
    await waitFor(() => count === 2);
    release();
    await waitFor(() => errors.length === 2 && running === 0);
    repeated.soon();
    expect([count, most]).toEqual([3, 1]);
    const stopped = repeated.stop();
    repeated.soon();
    release();
    await stopped;
    expect([count, running]).toEqual([3, 0]);
  });
});
