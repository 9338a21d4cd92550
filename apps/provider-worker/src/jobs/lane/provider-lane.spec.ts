import { databaseUrlForTests } from '@costlane/testing';
import { ORDINARY_NANO_USD, startLaneBench, underTest, type LaneBench, type SpecItem } from '../testing/lane-bench';

const itemsOf = (...contents: string[]): SpecItem[] => contents.map((content) => ({ content }));
const MINUTE_MS = 60_000;

(databaseUrlForTests() ? describe : describe.skip).each(underTest)('items at the Batch API of $provider', (under) => {
  let bench: LaneBench;
  beforeAll(async () => {
    bench = await startLaneBench(under);
  });
  afterEach(() => bench.reset());
  afterAll(() => bench?.end());
  const modes = () => bench.asked.map(({ mode }) => mode).sort();

  it('are asked in one batch, and end with the answer in the form of their door, at half the price', async () => {
    const ref = await bench.newJob(itemsOf('a river', 'a lake', 'a sea'));
    const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 3 } });
    expect(await bench.resultsOf(ref)).toEqual(
      ['a river', 'a lake', 'a sea'].map((content) => `batch ${content} (with a body)`),
    );
    expect(modes()).toEqual(['plan', 'plan', 'plan', 'render', 'render', 'render']);
    expect([...bench.timesSent().values()]).toEqual([1, 1, 1]);
    const records = bench.records(ref);
    expect(records.map(({ requestId }) => requestId).sort()).toEqual([0, 1, 2].map((i) => `${ref.jobId}-${i}`));
    for (const { usage, paidNanoUsd, baselineNanoUsd, savings, cacheTier, attempt } of records) {
      expect(usage?.outputTokens).toBeGreaterThan(0);
      expect(baselineNanoUsd).toBe(2 * paidNanoUsd);
      expect(savings).toEqual({ cache: 0, routing: 0, prefix: 0, batching: paidNanoUsd });
      expect(cacheTier).toBe('miss');
      expect(attempt).toMatch(/batch/);
    }
    expect(job.costNanoUsd).toBe(records.reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0));
    expect(bench.finished.every(({ fill, body }) => fill?.fingerprint === 'f00' && body !== undefined)).toBe(true);
    expect(bench.events).toEqual([`${under.provider} submitted`, `${under.provider} ended`]);
  });

  it('that a cache answers or that are refused end at once, and those of other providers are asked by themselves', async () => {
    const ref = await bench.newJob([
      { content: 'known', cached: true },
      { content: 'secret', refused: true },
      { content: 'elsewhere', header: { provider: 'google' } },
      { content: 'in a batch' },
    ]);
    const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
    expect(job).toMatchObject({ counts: { succeeded: 3, failed: 1 } });
    expect(await bench.resultsOf(ref)).toEqual([
      'cached known',
      'no',
      'direct elsewhere',
      'batch in a batch (with a body)',
    ]);
    expect(job.costNanoUsd - ORDINARY_NANO_USD).toBe(bench.records(ref)[0]?.paidNanoUsd);
  });

  it('that fail for good end as failed, in the words of their door; those that fail for now are asked by themselves', async () => {
    const ref = await bench.newJob(
      itemsOf('[[mock: status=400]]', '[[mock: status=503]]', '[[mock: status=429]]', 'good'),
    );
    const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
    expect(job).toMatchObject({ counts: { succeeded: 3, failed: 1 } });
    const [bad, ...others] = await bench.store.read(ref);
    expect(bad).toMatchObject({ state: 'failed', status: 400, errorCode: 'context_length_exceeded', costNanoUsd: 0 });
    expect(bad?.result?.toString()).toBe('context_length_exceeded (with a body)');
    expect(others.map(({ result }) => result?.toString().split(' ')[0])).toEqual(['direct', 'direct', 'batch']);
    expect(
      bench
        .records(ref)
        .map(({ requestId, errorCode }) => `${requestId} ${errorCode ?? 'ok'}`)
        .sort(),
    ).toEqual([`${ref.jobId}-0 context_length_exceeded`, `${ref.jobId}-3 ok`]);
  });

  it('that a batch did not come to before it expired are asked by themselves, and the answered ones are paid', async () => {
    bench.mock.state.batches.setBehaviour({ endsAs: 'expired', answered: 1 });
    const ref = await bench.newJob(itemsOf('first', 'second', 'third'));
    expect(await bench.runToEnd(bench.runner(bench.lane()), ref)).toMatchObject({ counts: { succeeded: 3 } });
    expect(await bench.resultsOf(ref)).toEqual(['batch first (with a body)', 'direct second', 'direct third']);
    expect(bench.records(ref)).toHaveLength(1);
  });

  it('are taken back from a batch when time runs short, without those that it has answered', async () => {
    bench.mock.state.batches.setBehaviour({ delayMs: 10 * 3_600_000, answered: 1 });
    const ref = await bench.newJob(itemsOf('first', 'second'), { deadlineAtMs: Date.now() + 60 * MINUTE_MS });
    let lateMs = 0;
    const lane = bench.lane({ now: () => Date.now() + lateMs });
    const runner = bench.runner(lane);
    await runner.runTurn(ref);
    await runner.runTurn(ref);
    expect((await bench.store.submissions(ref)).map(({ state }) => state)).toEqual(['submitted']);
    lateMs = 49 * MINUTE_MS;
    expect(await bench.runToEnd(runner, ref)).toMatchObject({ state: 'completed', counts: { succeeded: 2 } });
    expect(await bench.resultsOf(ref)).toEqual(['batch first (with a body)', 'direct second']);
  });

  it('of a job that is cancelled are not asked any more, and what was answered counts', async () => {
    bench.mock.state.batches.setBehaviour({ delayMs: 10 * 3_600_000, answered: 1 });
    const ref = await bench.newJob(itemsOf('first', 'second', 'third'));
    const runner = bench.runner(bench.lane());
    await runner.runTurn(ref);
    await runner.cancel(ref);
    const job = await bench.runToEnd(runner, ref);
    expect(job).toMatchObject({ state: 'cancelled', counts: { succeeded: 1, cancelled: 2 } });
    expect(modes()).not.toContain('execute');
    expect(job.costNanoUsd).toBe(bench.records(ref)[0]?.paidNanoUsd);
  });

  it('wait for a gateway that can render them, and are recorded once', async () => {
    let renders = 0;
    bench.gateway = ({ mode }) => {
      if (mode === 'render' && (renders += 1) <= 3) throw new Error('no gateway');
      return undefined;
    };
    const ref = await bench.newJob(itemsOf('first', 'second'));
    const lane = bench.lane();
    const runner = bench.runner(lane);
    // The wait after a failed step is two seconds: it is cut short here.
    const job = await (async () => {
      for (;;) {
        if ((await runner.runTurn(ref)) === 'done') return bench.store.get(ref);
        await bench.makeDue(ref);
      }
    })();
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 2 } });
    expect(bench.finished.length).toBeGreaterThan(2);
    expect(bench.records(ref)).toHaveLength(2);
    expect(job?.costNanoUsd).toBe(bench.records(ref).reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0));
  });

  it('are not planned or handed over when the job has no time, and asked at once', async () => {
    const ref = await bench.newJob(itemsOf('first'), { deadlineAtMs: Date.now() + 10 * MINUTE_MS });
    await bench.runToEnd(bench.runner(bench.lane()), ref);
    expect(modes()).toEqual(['execute']);
  });

  it('whose results come broken, twice or cut off have one end each', async () => {
    bench.mock.state.batches.setBehaviour({ malformedEvery: 3, isRepeating: true, cutAfterLines: 4, cutTimes: 2 });
    const contents = Array.from({ length: 7 }, (_, i) => `item ${i}`);
    const ref = await bench.newJob(itemsOf(...contents));
    const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 7 } });
    const results = await bench.resultsOf(ref);
    contents.forEach((content, i) => expect(results[i]).toMatch(new RegExp(`^(batch|direct) ${content}`)));
    const byBatch = results.filter((result) => result?.startsWith('batch')).length;
    expect(bench.records(ref)).toHaveLength(byBatch);
    expect(byBatch).toBeGreaterThanOrEqual(4);
  }, 30_000);
});
