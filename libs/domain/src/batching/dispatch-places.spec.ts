import fc from 'fast-check';
import type { BatchWork } from './batch-work';
import { createBatchScheduler, type BatchDecision, type BatchScheduler } from './create-batch-scheduler';
import type { PlacePool } from './target-queue';

let count = 0;
const work = (target: string, of: Partial<BatchWork> = {}): BatchWork => ({
  id: `w${++count}`,
  lane: 'express',
  tenantId: 'acme',
  target,
  tokens: 100,
  arrivedAtMs: 0,
  deadlineAtMs: 1e9,
  serviceMs: 0,
  ...of,
});
const schedulerOf = (): BatchScheduler<BatchWork> => createBatchScheduler({ random: () => 0 });
const callsOf = ({ dispatch }: BatchDecision<BatchWork>): BatchWork[] =>
  dispatch.flatMap(({ calls }) => calls.flatMap(({ works }) => works.slice(0, 1)));

describe('targets that share places', () => {
  it('never take a place twice, at any number of targets, pools and places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ pool: fc.nat(2), works: fc.nat(30), places: fc.nat(20) }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(25), { minLength: 3, maxLength: 3 }),
        fc.nat(40),
        (targets, poolPlaces, allPlaces) => {
          const scheduler = schedulerOf();
          const parent: PlacePool = { name: 'all', freePlaces: allPlaces };
          const pools = poolPlaces.map((freePlaces, at): PlacePool => ({
            name: `p${at}`,
            freePlaces,
            parent,
          }));
          targets.forEach(({ works }, at) => {
            for (let i = 0; i < works; i++) scheduler.offer(work(`t${at}`), 0);
          });
          const capacityOf = (name: string) => {
            const { pool, places } = targets[Number(name.slice(1))] ?? {
              pool: 0,
              places: 0,
            };
            return { freePlaces: places, places: 20, pool: pools[pool] };
          };
          const calls = callsOf(scheduler.decide(0, capacityOf));
          expect(calls.length).toBeLessThanOrEqual(allPlaces);
          targets.forEach(({ works, places }, at) => {
            const own = calls.filter(({ target }) => target === `t${at}`).length;
            expect(own).toBeLessThanOrEqual(Math.min(works, places));
          });
          for (const [at, places] of poolPlaces.entries()) {
            const own = calls.filter(({ target }) => targets[Number(target.slice(1))]?.pool === at).length;
            expect(own).toBeLessThanOrEqual(places);
          }
          expect(parent.freePlaces).toBe(allPlaces - calls.length);
        },
      ),
    );
  });

  it('take turns where one place after the other becomes free', () => {
    const scheduler = schedulerOf();
    for (const target of ['a', 'b', 'c']) for (let i = 0; i < 10; i++) scheduler.offer(work(target), 0);
    const served = Array.from({ length: 12 }, () => {
      const pool = { name: 'p', freePlaces: 1 };
      return callsOf(scheduler.decide(0, () => ({ freePlaces: 10, places: 10, pool })))[0]?.target;
    });
    for (const target of ['a', 'b', 'c']) expect(served.filter((each) => each === target)).toHaveLength(4);
  });

  it('give a place to the express work of one before the batch work of another, and do not starve that', () => {
    const scheduler = schedulerOf();
    for (let i = 0; i < 4_000; i++) {
      scheduler.offer(work('a', { lane: 'batch', tenantId: `t${i % 10}` }), 0);
      scheduler.offer(work('b', { tenantId: `t${i % 10}` }), 0);
    }
    const served = Array.from({ length: 2_000 }, (_, at) => {
      const pool = { name: 'p', freePlaces: 1 };
      const decision = scheduler.decide(at / 10, () => ({
        freePlaces: 4,
        places: 4,
        pool,
      }));
      return callsOf(decision)[0]?.lane;
    });
    expect(served.slice(0, 20).filter((lane) => lane === 'express').length).toBeGreaterThanOrEqual(17);
    const batchShare = served.filter((lane) => lane === 'batch').length / served.length;
    expect(batchShare).toBeGreaterThan(0.05);
    expect(batchShare).toBeLessThan(0.15);
  });
});

describe('a target that nobody serves', () => {
  it('sheds and refuses nothing until somebody is back', () => {
    const scheduler = schedulerOf();
    const away = () => ({ freePlaces: 0, places: 0, isAway: true });
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
      expect(scheduler.offer(work('a', { arrivedAtMs: nowMs }), nowMs).isAccepted).toBe(true);
      expect(scheduler.decide(nowMs, away)).toMatchObject({
        dispatch: [],
        shed: [],
      });
    }
    expect(callsOf(scheduler.decide(20_000, () => ({ freePlaces: 500, places: 500 })))).toHaveLength(200);
  });

  it('sheds where it is served and places are all taken', () => {
    const scheduler = schedulerOf();
    const verdicts = [];
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
      verdicts.push(scheduler.offer(work('a', { arrivedAtMs: nowMs }), nowMs).isAccepted);
      scheduler.decide(nowMs, () => ({ freePlaces: 0, places: 4 }));
    }
    expect(verdicts).toContain(false);
  });
});

describe('a vector that has to be made', () => {
  it('is asked for only where a window holds other work beside it', () => {
    const scheduler = schedulerOf();
    let made = 0;
    const vector = (): Float32Array => {
      made++;
      return Float32Array.of(1, 0);
    };
    const decide = () => scheduler.decide(0, () => ({ freePlaces: 8, places: 8 }));
    scheduler.offer(work('a', { vector }), 0);
    decide();
    expect(made).toBe(0);
    scheduler.offer(work('a', { vector }), 0);
    scheduler.offer(work('a', { vector }), 0);
    decide();
    expect(made).toBe(2);
  });
});
