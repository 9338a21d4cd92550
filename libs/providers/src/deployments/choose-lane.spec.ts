import fc from 'fast-check';
import { chooseReadyLane, type Choosable } from './choose-lane';

const laneOf = (weight: number, isReady = true): Choosable => ({
  credit: 0,
  deployment: { weight },
  isReady: () => isReady,
});

describe('chooseReadyLane', () => {
  it('gives each lane its share by weight, to the call, in every round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const lanes = weights.map((weight) => laneOf(weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = weights.map(() => 0);
        for (let i = 0; i < 3 * total; i++) {
          const at = lanes.indexOf(chooseReadyLane(lanes, 0) as Choosable);
          counts[at] = (counts[at] ?? 0) + 1;
        }
        expect(counts).toEqual(weights.map((weight) => 3 * weight));
      }),
    );
  });

  it('passes by what is not ready and what is to be avoided', () => {
    const [a, b, c] = [laneOf(1), laneOf(9, false), laneOf(1)];
    expect(chooseReadyLane([a, b, c], 0, a)).toBe(c);
    expect(chooseReadyLane([a, b], 0, a)).toBeUndefined();
    expect(chooseReadyLane([], 0)).toBeUndefined();
  });
});
