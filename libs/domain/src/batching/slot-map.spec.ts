import fc from 'fast-check';
import { SlotMap } from './slot-map';

describe('SlotMap', () => {
  it('holds what a map holds, whatever comes and goes', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new Map<string, number>();
        const slots = new SlotMap<number>();
        for (const { key, value } of steps) {
          if (value === null) expect(slots.delete(key)).toBe(map.delete(key));
          else {
            map.set(key, value);
            slots.set(key, value);
          }
          expect(slots.get(key)).toBe(map.get(key));
          expect([slots.size, slots.has(key)]).toEqual([map.size, map.has(key)]);
        }
        expect(slots.values().sort()).toEqual([...map.values()].sort());
      }),
    );
  });
});
