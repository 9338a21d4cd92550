import fc from 'fast-check';
import { createItemPlaces } from './item-places';

const MEBIBYTE = 1024 * 1024;

describe('the places for items', () => {
  it('are as many as are set, while items are small', () => {
    const places = createItemPlaces(64);
    expect(places.free()).toBe(64);
    for (let i = 0; i < 60; i++) places.taken(2_000);
    expect(places.free()).toBe(4);
    places.left(2_000);
    expect(places.free()).toBe(5);
  });

  it('become fewer as items grow, and there is one for an item of any size', () => {
    const places = createItemPlaces(64, 8 * MEBIBYTE);
    for (let i = 0; i < 64; i++) {
      places.taken(MEBIBYTE);
      if (i > 7) places.left(MEBIBYTE);
    }
    expect(places.free()).toBe(0);
    for (let i = 0; i < 8; i++) places.left(MEBIBYTE);
    expect(places.free()).toBeLessThanOrEqual(8);
    for (let i = 0; i < 64; i++) {
      places.taken(20 * MEBIBYTE);
      places.left(20 * MEBIBYTE);
    }
    expect(places.free()).toBe(1);
  });

  it('are never more than are set nor fewer than none, and one at the least when nothing is in hand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 200 }),
        (count, sizes) => {
          const places = createItemPlaces(count, 10 * MEBIBYTE);
          const inHand: number[] = [];
          for (const size of sizes) {
            if (places.free() > 0 && size % 3 > 0) {
              places.taken(size);
              inHand.push(size);
            } else {
              const first = inHand.shift();
              if (first !== undefined) places.left(first);
            }
            expect(places.free()).toBeGreaterThanOrEqual(inHand.length === 0 ? 1 : 0);
            expect(places.free()).toBeLessThanOrEqual(count - inHand.length);
          }
        },
      ),
    );
  });
});
