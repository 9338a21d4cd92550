import fc from 'fast-check';
import { laneSettings, type BatchLane } from './lanes';
import { MissBudget } from './miss-budget';
import { PlaceReserve } from './place-reserve';
import { reservedPlaces } from './reserved-places';

describe('reservedPlaces', () => {
  const calls = { share: 0.5, callsPerMs: 0, places: 1_000, targetMs: 50, missShare: 0.03, mostShare: 0.125 };

  it('keeps more places free the larger the share of those calls, and none for what is not seen', () => {
    const kept = [0, 0.1, 0.5, 0.8].map((share) => reservedPlaces({ ...calls, share }));
    expect(kept).toEqual([0, 2, 6, 16]);
  });

  it('keeps fewer free the sooner a place becomes free by itself, and the more may be missed', () => {
    expect([0.01, 0.05, 1].map((callsPerMs) => reservedPlaces({ ...calls, callsPerMs }))).toEqual([5, 4, 0]);
    expect([0.03, 0.3, 1].map((missShare) => reservedPlaces({ ...calls, missShare }))).toEqual([6, 2, 0]);
  });

  it('takes no more than the given share of the places, and none of very few', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 500 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.double({ min: 0.001, max: 2, noNaN: true }),
        (share, places, callsPerMs, missShare) => {
          const kept = reservedPlaces({ ...calls, share, places, callsPerMs, missShare });
          expect(kept).toBeGreaterThanOrEqual(0);
          expect(kept).toBeLessThanOrEqual(places / 8);
        },
      ),
    );
  });
});

describe('MissBudget', () => {
  const after = (misses: boolean[]): MissBudget => {
    const budget = new MissBudget();
    for (const isMissed of misses) budget.note(isMissed);
    return budget;
  };
  const every = (nth: number, count: number): boolean[] => Array.from({ length: count }, (_, at) => at % nth === 0);

  it('has misses to spare where fewer than one in twenty-five were, and a debt where more were', () => {
    expect(after(every(Infinity, 1_000))).toMatchObject({ spare: 1, debt: 0 });
    expect(after(every(100, 300)).spare).toBeGreaterThan(0.3);
    expect(after(every(10, 300)).debt).toBeGreaterThan(0.3);
    expect(after(every(1, 1_000))).toMatchObject({ spare: 0, debt: 1 });
  });

  it('forgets no miss that it has not made up for', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 15 }), (misses) => {
        const { spare, debt } = after(misses);
        const missed = misses.filter(Boolean).length;
        expect((spare - debt) * 16).toBeCloseTo(misses.length * 0.04 - missed, 6);
      }),
    );
  });
});

describe('PlaceReserve', () => {
  const places = 64;
  /** So many calls, ten in a millisecond of a hundred, of which every second is express. */
  const seen = (
    count: number,
    expressWaitMs: number,
    lanes: readonly BatchLane[] = ['express', 'batch'],
  ): PlaceReserve => {
    const reserve = new PlaceReserve(laneSettings(), 0);
    for (let at = 0; at < count; at++) {
      const lane = lanes[at % lanes.length] ?? 'batch';
      reserve.noteCall(lane, lane === 'express' ? expressWaitMs : 0, at * 100);
    }
    return reserve;
  };

  it('keeps places for express work until it has met its target for long', () => {
    expect(seen(20, 0).keptFrom('standard', places, 2_000)).toBeGreaterThan(3);
    expect(seen(2_000, 0).keptFrom('standard', places, 200_000)).toBe(0);
  });

  it('keeps more, up to a quarter, where express work misses its target all the same', () => {
    const lanes = ['express', 'express', 'express', 'express', 'express', 'standard'] as const;
    const kept = (waitMs: number): number => seen(1_000, waitMs, lanes).keptFrom('standard', places, 100_000);
    expect(kept(0)).toBe(0);
    expect(kept(1_000)).toBe(16);
  });

  it('keeps none from express work, and none for lanes that are not used', () => {
    expect(seen(20, 1_000).keptFrom('express', places, 2_000)).toBe(0);
    expect(seen(500, 0, ['batch']).keptFrom('batch', places, 50_000)).toBe(0);
  });

  it('lets batch work leave places for standard work, which keeps none from itself', () => {
    const lanes = ['standard', 'standard', 'batch'] as const;
    const reserve = seen(30, 0, lanes);
    expect(reserve.keptFrom('batch', places, 30_000)).toBeGreaterThan(reserve.keptFrom('standard', places, 30_000));
  });
});
