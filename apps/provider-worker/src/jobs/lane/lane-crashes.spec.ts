import type { BatchLane } from '@costlane/jobs';
import type { JobStore } from '@costlane/ledger';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import { startLaneBench, underTest, type LaneBench, type SpecItem } from '../testing/lane-bench';

const items = (count: number): SpecItem[] => Array.from({ length: count }, (_, i) => ({ content: `item ${i}` }));
const MINUTE_MS = 60_000;

/** A lane whose lost batches are taken for settled at once: providers are given ten minutes to show them. */
const hasty = (lane: BatchLane): BatchLane => ({
  ...lane,
  sendMs: 60,
  find: (batch) => lane.find({ ...batch, endedAtMs: batch.endedAtMs - 11 * MINUTE_MS }),
});

(databaseUrlForTests() ? describe : describe.skip).each(underTest)('trouble at the Batch API of $provider', (under) => {
  let bench: LaneBench;
  beforeAll(async () => {
    bench = await startLaneBench(under);
  });
  afterEach(() => bench.reset());
  afterAll(() => bench?.end());

  async function expectAllOnce(ref: Parameters<LaneBench['records']>[0], count: number): Promise<void> {
    const results = await bench.resultsOf(ref);
    expect(results).toEqual(items(count).map(({ content }) => `batch ${content} (with a body)`));
    expect([...bench.timesSent().values()].every((times) => times === 1)).toBe(true);
    const records = bench.records(ref);
    expect(records.map(({ requestId }) => requestId).sort()).toEqual(
      items(count).map((_, index) => `${ref.jobId}-${index}`),
    );
    const paid = records.reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0);
    expect((await bench.store.get(ref))?.costNanoUsd).toBe(paid);
    for (const { baselineNanoUsd, paidNanoUsd, savings } of records)
      expect(baselineNanoUsd - paidNanoUsd).toBe(savings.cache + savings.routing + savings.prefix + savings.batching);
  }

  it.each([
    ['answers to batches are lost', { loseAnswers: 1 }],
    ['batches are lost on their way', { dropRequests: 1 }],
    ['the provider turns them down for a while', { status: 503, failTimes: 2, retryAfter: 0 }],
    ['results are cut off', { cutAfterLines: 2, cutTimes: 1 }],
  ])(
    '%s: no item is lost, and none is asked twice',
    async (_, behaviour) => {
      bench.mock.state.batches.setBehaviour(behaviour);
      const ref = await bench.newJob(items(5));
      const runner = bench.runner(hasty(bench.lane()));
      await waitFor(
        async () => {
          await bench.makeDue(ref);
          return (await runner.runTurn(ref)) === 'done';
        },
        { timeoutMs: 20_000 },
      );
      await expectAllOnce(ref, 5);
    },
    30_000,
  );

  it('a runner that dies at any step loses no item and asks none twice', async () => {
    for (let round = 2; ; round += 1) {
      bench.reset();
      // Each step twice: with and without the statement's effect.
      const diesAt = Math.floor(round / 2);
      const isInVain = round % 2 === 0;
      const ref = await bench.newJob(items(5));
      let steps = 0;
      const isDead = (): boolean => steps >= diesAt;
      const mortal = new Proxy(bench.store, {
        get(target, name: keyof JobStore) {
          if (name === 'submittedItems' || name === 'stream' || name === 'unfinished') return target[name];
          const method = target[name] as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (isDead()) return new Promise(() => undefined);
            steps += 1;
            const result = isInVain && isDead() ? undefined : await method(...args);
            return isDead() ? new Promise(() => undefined) : result;
          };
        },
      });
      const options = { limits: { leaseMs: 60 } };
      let hasFinished = false;
      void bench
        .runToEnd(bench.runner(hasty(bench.lane()), { store: mortal, ...options }), ref)
        .then(() => (hasFinished = true));
      await waitFor(() => hasFinished || isDead(), { timeoutMs: 10_000, intervalMs: 1 });
      if (!isDead()) {
        expect(diesAt).toBeGreaterThan(12);
        return;
      }
      const job = await bench.runToEnd(bench.runner(hasty(bench.lane()), options), ref);
      expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 5 } });
      await expectAllOnce(ref, 5);
    }
  }, 120_000);
});
