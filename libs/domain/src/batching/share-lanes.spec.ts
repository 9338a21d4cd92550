import fc from 'fast-check';
import { batchLanes, laneSettings, type BatchLane } from './lanes';
import { agedWeight, createLaneShare } from './share-lanes';

const settings = laneSettings();

describe('createLaneShare', () => {
  it('gives lanes that all wait their weights in tokens, and the batch lane its 5 % under any load', () => {
    const calls = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 2_000 }),
      ),
      { minLength: 1_500, maxLength: 1_500 },
    );
    fc.assert(
      fc.property(calls, (costs) => {
        const share = createLaneShare(settings);
        const served = { express: 0, standard: 0, batch: 0 };
        for (const each of costs) {
          const lane = share.next({ express: 0, standard: 0, batch: 0 }) ?? 'batch';
          const tokens = each[batchLanes.indexOf(lane)] ?? 1;
          served[lane] += tokens;
          share.charge(lane, tokens, 0);
        }
        const all = served.express + served.standard + served.batch;
        expect(served.batch / all).toBeGreaterThan(0.05);
        expect(served.express / all).toBeGreaterThan(0.7);
      }),
      { numRuns: 20 },
    );
  });

  it('serves express first while it uses less than its share', () => {
    const share = createLaneShare(settings);
    for (let round = 0; round < 200; round++) {
      const waits = { express: round % 2 === 0 ? 0 : undefined, standard: 500, batch: 500 };
      const lane = share.next(waits) as BatchLane;
      if (round % 2 === 0) expect({ round, lane }).toEqual({ round, lane: 'express' });
      share.charge(lane, 100, 0);
    }
  });

  it('serves a burst of standard work before batch work, and no more than its share of a flood', () => {
    const share = createLaneShare(settings);
    const waits = { express: undefined, standard: 0, batch: 0 };
    const lanes = Array.from({ length: 1_000 }, () => {
      const lane = share.next(waits) as BatchLane;
      share.charge(lane, 100, 0);
      return lane;
    });
    expect(lanes.indexOf('batch')).toBeGreaterThan(50);
    expect(lanes.indexOf('batch')).toBeLessThan(200);
    const later = lanes.slice(200).filter((lane) => lane === 'batch').length / 800;
    expect(later).toBeCloseTo(settings.batch.weight / (settings.batch.weight + settings.standard.weight), 2);
  });

  it('says nothing where no lane waits', () => {
    expect(
      createLaneShare(settings).next({ express: undefined, standard: undefined, batch: undefined }),
    ).toBeUndefined();
  });

  it('lets a lane count for more with age, up to half as much again', () => {
    expect(agedWeight(10, 1_000, 0)).toBe(10);
    expect(agedWeight(10, 1_000, 250)).toBe(12.5);
    expect(agedWeight(10, 1_000, 1e9)).toBe(15);
    expect(agedWeight(10, Infinity, 1e9)).toBe(10);
  });
});

describe('laneSettings', () => {
  it('narrows each lane by what an operator sets', () => {
    const { express, batch } = laneSettings({ minSize: 2, maxSize: 16, maxWaitMs: 30, targetLatencyP95Ms: 100 });
    expect(express).toMatchObject({ minSize: 2, maxSize: 4, maxWaitMs: 10, targetP95Ms: 25 });
    expect(batch).toMatchObject({ minSize: 16, maxSize: 16, maxWaitMs: 30, targetP95Ms: Infinity });
  });

  it('refuses settings that make no sense', () => {
    expect(() => laneSettings({ minSize: 0 })).toThrow('smallest batch');
    expect(() => laneSettings({ minSize: 9, maxSize: 8 })).toThrow('largest batch');
    expect(() => laneSettings({ maxWaitMs: -1 })).toThrow('longest wait');
    expect(() => laneSettings({ targetLatencyP95Ms: 0 })).toThrow('95th percentile');
  });
});
