import { windowClosesAtMs } from './close-window';
import { createBatchScheduler, type BatchScheduler } from './create-batch-scheduler';
import type { BatchWork } from './batch-work';
import { DecayedRate } from './decayed-rate';
import { SimilarArrivals } from './similar-arrivals';

const nothingFree = { freePlaces: 0, places: 10 };

function work(id: string, more: Partial<BatchWork> = {}): BatchWork {
  return {
    id,
    lane: 'standard',
    tenantId: 't1',
    target: 'p/m',
    tokens: 100,
    arrivedAtMs: 0,
    deadlineAtMs: 1e6,
    serviceMs: 100,
    ...more,
  };
}

const create = (more: Partial<Parameters<typeof createBatchScheduler>[0]> = {}): BatchScheduler<BatchWork> =>
  createBatchScheduler<BatchWork>({ random: () => 0, ...more });

function offerAll(scheduler: BatchScheduler<BatchWork>, works: readonly BatchWork[]): void {
  for (const each of works) scheduler.offer(each, each.arrivedAtMs);
}

const dispatched = (scheduler: BatchScheduler<BatchWork>, nowMs: number, freePlaces: number, places = 10): string[][] =>
  scheduler
    .decide(nowMs, () => ({ freePlaces, places }))
    .dispatch.flatMap(({ calls }) => calls.map(({ works }) => works.map(({ id }) => id)));

describe('windowClosesAtMs', () => {
  const open = { arrivedAtMs: 100, latestStartMs: 1e6, waiting: 1, size: 8, maxWaitMs: 50, expectedCompany: 2 };

  it('is open for its time while similar work is likely to come', () => {
    expect(windowClosesAtMs(open)).toBe(150);
  });

  it('closes at once when it is full or nothing similar is around', () => {
    expect(windowClosesAtMs({ ...open, waiting: 8 })).toBe(100);
    expect(windowClosesAtMs({ ...open, expectedCompany: 0.4 })).toBe(100);
  });

  it('closes before its first work would be late', () => {
    expect(windowClosesAtMs({ ...open, latestStartMs: 120 })).toBe(120);
    expect(windowClosesAtMs({ ...open, latestStartMs: 20 })).toBe(100);
  });
});

describe('SimilarArrivals', () => {
  it('expects as much as came of late, nothing of what was not seen before, and forgets the oldest', () => {
    const similar = new SimilarArrivals(2);
    expect(similar.observe('a', 0, 50)).toBe(0);
    expect(similar.observe('a', 10, 50)).toBe(5);
    similar.observe('b', 11, 50);
    similar.observe('c', 12, 50);
    expect([similar.size, similar.observe('a', 13, 50)]).toEqual([2, 0]);
  });
});

describe('DecayedRate', () => {
  it('tells a steady rate from early on, and forgets it', () => {
    const rate = new DecayedRate(5_000);
    for (let ms = 0; ms <= 1_500; ms += 10) rate.add(20, ms);
    expect(rate.perMs(1_500)).toBeCloseTo(2, 1);
    for (let ms = 1_510; ms <= 60_000; ms += 10) rate.add(20, ms);
    expect(rate.perMs(60_000)).toBeCloseTo(2, 1);
    expect(rate.perMs(160_000)).toBeLessThan(0.001);
  });
});

describe('createBatchScheduler', () => {
  it('dispatches at once while a target has idle places', () => {
    const scheduler = create();
    offerAll(scheduler, [work('a', { prefix: ['p'] }), work('b', { prefix: ['p'], arrivedAtMs: 1 })]);
    expect(dispatched(scheduler, 1, 10)).toEqual([['a'], ['b']]);
  });

  it('holds a window under pressure while similar work comes, and asks to be woken when it closes', () => {
    const scheduler = create();
    const warm = ['w1', 'w2'].map((id, index) => work(id, { prefix: ['p'], arrivedAtMs: index * 5 }));
    offerAll(scheduler, warm);
    dispatched(scheduler, 5, 10);
    scheduler.offer(work('a', { prefix: ['p'], arrivedAtMs: 10 }), 10);
    // Of three places two are kept for express work, and one in twenty is no idle capacity.
    const decision = scheduler.decide(10, () => ({ freePlaces: 3, places: 20 }));
    expect([decision.dispatch, decision.wakeAtMs]).toEqual([[], 60]);
    expect(dispatched(scheduler, 59, 3, 20)).toEqual([]);
    expect(dispatched(scheduler, 60, 3, 20)).toEqual([['a']]);
  });

  it('takes along what is identical, however far back it waits', () => {
    const scheduler = create();
    const many = Array.from({ length: 200 }, (_, index) => work(`w${index}`, { fingerprint: `${index % 150}` }));
    offerAll(scheduler, many);
    expect(dispatched(scheduler, 0, 1, 1)).toEqual([['w0', 'w150']]);
    expect(scheduler.waiting('standard')).toBe(198);
  });

  it('compares again where the one that was to be asked has gone', () => {
    const scheduler = create({ isSame: (a, b) => a.id === 'b' && (b.id === 'c' || b.id === 'd') });
    const vector = Float32Array.of(1, 0);
    offerAll(scheduler, [work('a'), ...['b', 'c', 'd'].map((id) => work(id, { vector, arrivedAtMs: 1 }))]);
    expect(dispatched(scheduler, 1, 1, 1)).toEqual([['a']]);
    expect(scheduler.remove('b')).toBe(true);
    expect(dispatched(scheduler, 2, 4, 4)).toEqual([['c'], ['d']]);
  });

  it('drops work that can no longer be done in time, and refuses such work', () => {
    const scheduler = create();
    scheduler.offer(work('a', { deadlineAtMs: 300, serviceMs: 100 }), 0);
    const early = scheduler.decide(200, () => nothingFree);
    expect([early.drop, early.wakeAtMs]).toEqual([[], 201]);
    expect(scheduler.decide(201, () => nothingFree).drop.map(({ id }) => id)).toEqual(['a']);
    const late = scheduler.offer(work('b', { deadlineAtMs: 300, serviceMs: 100 }), 250);
    expect(late).toEqual({ isAccepted: false, reason: 'deadline', retryAfterMs: 0 });
  });

  it('takes work that is offered twice once', () => {
    const scheduler = create();
    offerAll(scheduler, [work('a'), work('a')]);
    expect(dispatched(scheduler, 0, 10)).toEqual([['a']]);
  });

  it('lets one tenant alone take half of the memory, and others the rest', () => {
    const scheduler = create({ maxWaiting: 100 });
    const offers = Array.from({ length: 80 }, (_, index) => scheduler.offer(work(`a${index}`), 0));
    expect(offers.filter(({ isAccepted }) => isAccepted)).toHaveLength(50);
    expect(offers.at(-1)).toMatchObject({ reason: 'full' });
    expect(scheduler.offer(work('b', { tenantId: 't2' }), 0)).toEqual({ isAccepted: true });
  });

  it('has room for a tenant’s express work when its batch work takes all that it may, not the other way round', () => {
    const scheduler = create({ maxWaiting: 100 });
    const takenOf = (lane: 'express' | 'standard' | 'batch'): number =>
      Array.from({ length: 80 }, (_, index) => scheduler.offer(work(`${lane}${index}`, { lane }), 0)).filter(
        ({ isAccepted }) => isAccepted,
      ).length;
    expect([takenOf('batch'), takenOf('express'), takenOf('standard'), takenOf('batch')]).toEqual([50, 25, 0, 50]);
    expect(scheduler.offer(work('b', { tenantId: 't2', lane: 'batch' }), 0)).toEqual({ isAccepted: true });
    for (let index = 0; index < 50; index++) scheduler.remove(`batch${index}`);
    expect(takenOf('standard')).toBe(25);
  });

  it('keeps places free for express work of all that there are where it has a part of them', () => {
    const scheduler = create();
    offerAll(scheduler, [work('s', { lane: 'standard' })]);
    const decide = (freePlaces: number): string[] =>
      scheduler
        .decide(0, () => ({ freePlaces: 1, places: 4, others: { freePlaces, allPlaces: 16 } }))
        .dispatch.flatMap(({ calls }) => calls.flatMap(({ works }) => works.map(({ id }) => id)));
    expect([decide(0), decide(1)]).toEqual([[], []]);
    offerAll(scheduler, [work('e', { lane: 'express' })]);
    expect(decide(0)).toEqual(['e']);
    expect(decide(9)).toEqual(['s']);
  });

  it('refuses an overloaded tenant with a time to come back, and no other one', () => {
    const scheduler = create({ intervalMs: 500 });
    let free = 1;
    const decide = (nowMs: number): void => {
      const { dispatch } = scheduler.decide(nowMs, () => ({ freePlaces: free, places: 1 }));
      free -= dispatch.length;
    };
    let refused = 0;
    for (let nowMs = 0; nowMs < 20_000; nowMs += 50) {
      const verdict = scheduler.offer(work(`a${nowMs}`, { arrivedAtMs: nowMs }), nowMs);
      if (!verdict.isAccepted) {
        refused++;
        expect(verdict.reason).toBe('overload');
        expect(verdict.retryAfterMs).toBeGreaterThanOrEqual(1_000);
      }
      if (nowMs % 500 === 0) free = 1;
      decide(nowMs);
    }
    expect(refused).toBeGreaterThan(200);
    expect(scheduler.targets()[0]?.shedLevel).toBe(2);
    expect(scheduler.offer(work('b', { tenantId: 't2', arrivedAtMs: 20_000 }), 20_000)).toEqual({ isAccepted: true });
  });

  it('refuses nothing while nobody serves it, though it was overloaded before', () => {
    const scheduler = create({ intervalMs: 500 });
    let nowMs = 0;
    const offer = (): boolean => scheduler.offer(work(`a${nowMs}`, { arrivedAtMs: nowMs }), nowMs).isAccepted;
    const isServed = (): boolean => nowMs % 500 === 0;
    let isAccepted = true;
    for (; isAccepted && nowMs < 60_000; nowMs += 50) {
      isAccepted = offer();
      scheduler.decide(nowMs, () => ({ freePlaces: isServed() ? 1 : 0, places: 1 }));
    }
    expect(isAccepted).toBe(false);
    scheduler.decide(nowMs, () => ({ freePlaces: 0, places: 0, isAway: true }));
    expect(offer()).toBe(true);
    nowMs += 20_000;
    scheduler.decide(nowMs, () => ({ freePlaces: 0, places: 0, isAway: true }));
    expect(offer()).toBe(true);
  });

  it('refuses work without a size', () => {
    expect(() => create().offer(work('a', { tokens: Number.NaN }), 0)).toThrow('work a');
  });

  it('forgets a target that has had no work for a while', () => {
    const scheduler = create();
    scheduler.offer(work('a'), 0);
    dispatched(scheduler, 0, 10);
    dispatched(scheduler, 59_000, 10);
    expect(scheduler.targets()).toHaveLength(1);
    dispatched(scheduler, 61_000, 10);
    expect(scheduler.targets()).toEqual([]);
  });
});
