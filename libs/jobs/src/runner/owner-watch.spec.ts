import { answerOf, describeWithPostgres, startJobFixture, type JobFixture } from '../testing/job-fixture';
import { newOwner, processOf, type OwnerWatch } from './owner-watch';

const watch = (name: string, gone: OwnerWatch['gone'] = async () => ({ gone: [] })): OwnerWatch => ({ name, gone });

describe('owners of leases', () => {
  it('tell their process, and no two turns are called the same', () => {
    const [first, second] = [newOwner(watch('r1')), newOwner(watch('r1'))];
    expect(first).not.toBe(second);
    expect(processOf(first)).toBe('r1');
    expect(processOf(newOwner(undefined))).toBeUndefined();
  });
});

describeWithPostgres('items of a runner that died', () => {
  let fixture: JobFixture;
  beforeAll(async () => {
    fixture = await startJobFixture();
  });
  afterAll(() => fixture?.end());
  const lease = { limit: 3, maxBytes: 1e9, leaseMs: 3_600_000, maxLosses: 10 };

  it('are taken over as soon as it is known to be dead, long before their leases run out', async () => {
    const ref = await fixture.newJob(5);
    await fixture.store.advance(ref, 'start');
    await fixture.store.lease(ref, { ...lease, owner: newOwner(watch('dead')) });
    const looks: string[][] = [];
    const owners = watch('alive', async (names) => {
      looks.push([...names]);
      return looks.length === 1 ? { gone: [], againInMs: 700 } : { gone: ['dead'] };
    });
    const runner = fixture.runner(async ({ index }) => answerOf(index), { owners });
    expect(await runner.runTurn(ref)).toEqual({ againInMs: 700 });
    expect(await fixture.runToEnd(runner, ref)).toMatchObject({ state: 'completed', counts: { succeeded: 5 } });
    expect(looks[0]).toEqual(['dead']);
  });

  it('are left to runners that live, or that nothing is known of', async () => {
    const ref = await fixture.newJob(3);
    await fixture.store.advance(ref, 'start');
    await fixture.store.lease(ref, { ...lease, limit: 2, owner: newOwner(watch('busy')) });
    await fixture.store.lease(ref, { ...lease, limit: 1, owner: newOwner(undefined) });
    const owners = watch('alive', async (names) => ({ gone: names.filter((name) => name !== 'busy') }));
    const asked: number[] = [];
    const runner = fixture.runner(async ({ index }) => (asked.push(index), answerOf(index)), { owners });
    expect(await runner.runTurn(ref)).toEqual({ againInMs: 30_000 });
    expect(asked).toEqual([]);
  });
});
