import { createFairTurns, type FairTurns, type Turn } from './fair-turns';

describe('fair turns', () => {
  let waiting: string[] = [];
  let nowMs = 0;
  let turns: FairTurns;
  const open = (concurrency: number): FairTurns =>
    (turns = createFairTurns({ concurrency, waitingTenants: async () => waiting, checkMs: 1, now: () => nowMs }));
  const enter = async (tenantId: string): Promise<Turn> => {
    const turn = await turns.enter(tenantId);
    if ('againInMs' in turn) throw new Error('refused');
    return turn;
  };
  const fill = (count: number): Promise<Turn[]> => Promise.all(Array.from({ length: count }, () => enter('large')));
  /** So that who waits is seen. */
  const later = async (ms = 10): Promise<void> => {
    nowMs += ms;
    await turns.enter('large').then((turn) => 'leave' in turn && turn.leave());
  };

  beforeEach(() => {
    waiting = [];
    nowMs = 0;
  });
  afterEach(() => turns.stop());

  it('a tenant that is alone has all of them, for as long as they take', async () => {
    open(4);
    const all = await fill(4);
    waiting = ['large', 'large'];
    await later(60_000);
    expect(all.every((turn) => turn.mayGoOn())).toBe(true);
  });

  it('as soon as another tenant waits, just as many turns end as are over the part', async () => {
    open(8);
    const all = await fill(8);
    waiting = ['large', 'small'];
    await later();
    expect(all.filter((turn) => turn.mayGoOn())).toHaveLength(4);
    expect(all.filter((turn) => turn.mayGoOn())).toHaveLength(4);
    expect(await turns.enter('large')).toMatchObject({ againInMs: expect.any(Number) });
    expect((await enter('small')).mayGoOn()).toBe(true);
  });

  it('a turn is short while others wait, where there are fewer turns than tenants', async () => {
    open(1);
    const turn = await enter('large');
    waiting = ['small'];
    await later();
    expect(turn.mayGoOn()).toBe(true);
    await later(10_000);
    expect(turn.mayGoOn()).toBe(false);
  });

  it('when the others are done a tenant has them all again', async () => {
    open(4);
    await fill(4);
    waiting = ['small'];
    await later();
    expect(await turns.enter('large')).toHaveProperty('againInMs');
    waiting = [];
    nowMs += 10;
    expect(await turns.enter('large')).toHaveProperty('leave');
  });

  it('the more jobs wait, the longer a refused one is put off', async () => {
    open(2);
    await fill(2);
    waiting = ['small', ...Array.from({ length: 5_000 }, () => 'large')];
    nowMs += 10;
    expect(await turns.enter('large')).toEqual({ againInMs: 6_001 });
  });

  it('while it cannot be seen who waits, turns go on', async () => {
    const errors: unknown[] = [];
    turns = createFairTurns({
      concurrency: 2,
      waitingTenants: () => Promise.reject(new Error('away')),
      now: () => nowMs,
      checkMs: 1,
      onError: (error) => errors.push(error),
    });
    const [turn] = await fill(2);
    nowMs += 20_000;
    await turns.enter('large');
    expect(turn?.mayGoOn()).toBe(true);
    expect(errors).not.toEqual([]);
  });
});
