import { createLogger } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { keepLeases, type KeepLeasesOptions } from './keep-leases';

const logger = createLogger({ service: 'test', level: 'silent' });
const nothing = { closed: 0, expired: 0, releasedNanoUsd: 0 };

describe('keeping leases', () => {
  const ages: number[] = [];
  let held = 0;
  let nowMs = 0;
  let stop: () => Promise<void> = async () => undefined;
  beforeEach(() => {
    ages.splice(0);
    [held, nowMs] = [0, 1_000_000];
  });
  afterEach(() => stop());

  function start(options: Partial<KeepLeasesOptions>) {
    const keeping = keepLeases({
      budgets: {
        sweep: async (ageOf) => {
          ages.push(await ageOf());
          return nothing;
        },
        totals: async () => ({ leasedNanoUsd: 0, newlyOverspent: 0 }),
      },
      metrics: { swept: () => undefined, held: () => void (held += 1), totals: () => undefined },
      unrecordedAgeMs: async () => 0,
      logger,
      sweepIntervalMs: 3_600_000,
      totalsIntervalMs: 3_600_000,
      now: () => nowMs,
      ...options,
    });
    stop = keeping.stop;
    return keeping;
  }

  it('goes by how far the ledger is behind, and a margin', async () => {
    await start({ unrecordedAgeMs: async () => 7_000 }).sweep();
    expect(ages).toEqual([9_000]);
  });

  it('releases nothing while Redis is away, nor in the half minute after', async () => {
    let isAway = true;
    const { sweep } = start({
      unrecordedAgeMs: async () => {
        if (isAway) throw new Error('Redis is away');
        return 0;
      },
    });
    await sweep();
    isAway = false;
    nowMs += 29_000;
    await sweep();
    expect([ages, held]).toEqual([[], 2]);
    nowMs += 1_000;
    await sweep();
    expect(ages).toEqual([2_000]);
  });

  it('knows of an outage in which nobody has ended, too', async () => {
    let [isAway, hasEnded] = [true, false];
    const { sweep } = start({
      unrecordedAgeMs: async () => {
        if (isAway) throw new Error('Redis is away');
        return 0;
      },
      budgets: {
        sweep: async (ageOf) => {
          if (hasEnded) ages.push(await ageOf());
          return nothing;
        },
        totals: async () => ({ leasedNanoUsd: 0, newlyOverspent: 0 }),
      },
    });
    await sweep();
    [isAway, hasEnded] = [false, true];
    nowMs += 1_000;
    await sweep();
    expect([ages, held]).toEqual([[], 1]);
  });

  it('goes on by itself after a failure, one round at a time', async () => {
    let [running, most, rounds] = [0, 0, 0];
    start({
      sweepIntervalMs: 1,
      budgets: {
        sweep: async () => {
          most = Math.max(most, (running += 1));
          rounds += 1;
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          throw new Error('Postgres is away');
        },
        totals: async () => ({ leasedNanoUsd: 0, newlyOverspent: 0 }),
      },
    });
    await waitFor(() => rounds >= 3);
    await stop();
    expect([most, running]).toEqual([1, 0]);
  });
});
