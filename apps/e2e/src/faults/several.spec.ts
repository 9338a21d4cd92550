import { waitFor } from '@costlane/testing';
import { counterOf, startExtraService, type ExtraService } from '../support/extra-service';
import { loadThrough, okShare, pause } from '../support/hold-to-its-word';
import { stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;
const JOBS = 'costlane_worker_jobs_total';
const MOVED = 'costlane_batcher_moved_total';

describeStack('a system with several workers and batchers', () => {
  const running = stack as Stack;
  const extras: ExtraService[] = [];
  jest.setTimeout(120_000);

  const start = async (name: 'provider-worker' | 'batcher'): Promise<ExtraService> => {
    const extra = await startExtraService(name);
    extras.push(extra);
    return extra;
  };
  /** Waits until the second process of a service and the first have done work since this was called. */
  const bothWork = async (name: 'provider-worker' | 'batcher', extra: ExtraService): Promise<void> => {
    const counter = name === 'batcher' ? MOVED : JOBS;
    const urls = [running.serviceUrl(name), extra.url];
    const before = await Promise.all(urls.map((url) => counterOf(url, counter)));
    await waitFor(
      async () => {
        const now = await Promise.all(urls.map((url) => counterOf(url, counter)));
        return now.every((count, index) => count >= (before[index] ?? 0) + 10);
      },
      { timeoutMs: 10_000, intervalMs: 100 },
    );
  };
  afterAll(() => Promise.all(extras.map((extra) => extra.remove())));

  it('lets two workers share the load, and answers and charges everything once when one of them is killed', async () => {
    const second = await start('provider-worker');
    const endings = await loadThrough(running, 'several-workers', async () => {
      await bothWork('provider-worker', second);
      await second.kill();
      await pause(6_000);
    });
    expect(okShare(endings)).toBeGreaterThan(0.99);
  });

  it('lets two batchers share the lanes, and answers and charges everything once when one of them is killed', async () => {
    const [worker, batcher] = [await start('provider-worker'), await start('batcher')];
    // Work of this priority always goes through a lane, however idle the workers are.
    const options = { priority: 'batch' } as const;
    const endings = await loadThrough(
      running,
      'several-batchers',
      async () => {
        await Promise.all([bothWork('batcher', batcher), bothWork('provider-worker', worker)]);
        await batcher.kill();
        await pause(6_000);
      },
      options,
    );
    expect(okShare(endings)).toBeGreaterThan(0.99);
  });
});
