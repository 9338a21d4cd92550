import { waitFor } from '@costlane/testing';
import { answerWith, FakeProvider } from '../testing/fake-provider';
import { describeWithPostgres, startJobFixture, type JobFixture } from '../testing/job-fixture';
import type { ExecuteItem } from './run-items';

describeWithPostgres('places in batches', () => {
  let fixture: JobFixture;
  beforeAll(async () => {
    fixture = await startJobFixture();
  });
  afterAll(() => fixture?.end());
  const direct: ExecuteItem = async ({ index }) => answerWith(`direct ${index}`, 2);
  const resultsOf = async (ref: Parameters<JobFixture['all']>[0]): Promise<(string | undefined)[]> =>
    (await fixture.all(ref)).map(({ result }) => result?.toString());

  it('are looked for several at a time; items that have their answer by then end with it, and what is to be asked is kept', async () => {
    const provider = new FakeProvider();
    const { placeOf } = provider;
    let [looking, most] = [0, 0];
    provider.placeOf = async (item, signal) => {
      most = Math.max(most, (looking += 1));
      await new Promise((resolve) => setImmediate(resolve));
      looking -= 1;
      if (item.index === 3) return { kind: 'ended', outcome: answerWith('cached', 0) };
      if (item.index !== 4) return placeOf(item, signal);
      return { kind: 'ended', outcome: { kind: 'failed', errorCode: 'forbidden', status: 403, isRetryable: false } };
    };
    const ref = await fixture.newJob(10);
    const job = await fixture.runToEnd(fixture.runner(direct, { lane: provider }), ref);
    expect(job).toMatchObject({ counts: { succeeded: 9, failed: 1 }, costNanoUsd: 7 * 1 + 2 });
    expect(await resultsOf(ref)).toEqual([
      'batch 0',
      'batch 1',
      'batch 2',
      'cached',
      undefined,
      'batch 5',
      'batch 6',
      'batch 7',
      'batch 8',
      'direct 9',
    ]);
    expect(most).toBe(3);
    expect([...provider.prepared]).toHaveLength(7);
    expect([...provider.prepared].every(([index, plan]) => plan === `plan ${index}`)).toBe(true);
  });

  it('are looked for again where none could be found for now, and the others do not wait', async () => {
    const provider = new FakeProvider();
    const { placeOf } = provider;
    let failures = 0;
    provider.placeOf = async (item, signal) => {
      if (item.index === 2 && (failures += 1) <= 2) throw new Error('no gateway');
      return placeOf(item, signal);
    };
    const ref = await fixture.newJob(6);
    const job = await fixture.runToEnd(fixture.runner(direct, { lane: provider }), ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 6 }, costNanoUsd: 6 });
    expect(failures).toBe(3);
  });

  it('are given up when time runs short: batches are ended, and what they leave unanswered is asked item by item', async () => {
    const provider = new FakeProvider();
    provider.isDone = false;
    provider.answers = (index) => (index === 1 ? answerWith('just in time', 1) : undefined);
    const ref = await fixture.newJob(8);
    const batches = fixture.runner(direct, { lane: provider });
    await batches.runTurn(ref);
    provider.patienceNow = 'cancel';
    const job = await fixture.runToEnd(batches, ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 8 }, costNanoUsd: 7 * 2 + 1 });
    expect((await resultsOf(ref)).slice(0, 3)).toEqual(['direct 0', 'just in time', 'direct 2']);
    expect(provider.left).toEqual([]);
  });

  it('results that are being taken when the process ends are left to the next one, each taken once', async () => {
    const provider = new FakeProvider();
    const ref = await fixture.newJob(16);
    const ending = new AbortController();
    const taken: number[] = [];
    provider.answers = (index) => {
      taken.push(index);
      if (taken.length === 3) ending.abort();
      return answerWith(`batch ${index}`, 1);
    };
    const batches = fixture.runner(direct, { lane: provider });
    for (let turn = 0; !ending.signal.aborted; turn += 1) await batches.runTurn(ref, ending.signal);
    // Three of the batch, and one that was asked by itself.
    expect((await fixture.store.get(ref))?.counts.succeeded).toBe(3 + 1);
    const job = await fixture.runToEnd(fixture.runner(direct, { lane: provider }), ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 16 }, costNanoUsd: 15 + 2 });
  });

  it('of a provider that does not end its batches are left, when there is no time to wait', async () => {
    const provider = new FakeProvider();
    provider.isDone = false;
    provider.endsWhenAsked = false;
    const ref = await fixture.newJob(8);
    const batches = fixture.runner(direct, { lane: provider });
    await batches.runTurn(ref);
    provider.patienceNow = 'cancel';
    await waitFor(async () => {
      await batches.runTurn(ref);
      return provider.cancelled.size === 2;
    });
    expect((await fixture.store.get(ref))?.counts.succeeded).toBe(0);
    provider.patienceNow = 'leave';
    const job = await fixture.runToEnd(batches, ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 8 }, costNanoUsd: 16 });
    expect(provider.left).toHaveLength(2);
  });
});
