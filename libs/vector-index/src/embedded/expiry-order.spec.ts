import fc from 'fast-check';
import { ExpiryOrder } from './expiry-order';
import type { StoredRecord } from './records';

const recordOf = (expiresAtMs: number): StoredRecord => ({ expiresAtMs, expiryIndex: -1 }) as StoredRecord;

describe('order of expiry', () => {
  it('always has the record first that expires first, whatever is added and removed', () => {
    const change = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ removeAt: fc.nat({ max: 50 }) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const order = new ExpiryOrder();
        const held: StoredRecord[] = [];
        for (const each of changes) {
          if ('add' in each) {
            const record = recordOf(each.add);
            held.push(record);
            order.add(record);
          } else if (held.length > 0) {
            const [record] = held.splice(each.removeAt % held.length, 1);
            if (record) order.remove(record);
          }
          const least = held.length === 0 ? undefined : Math.min(...held.map(({ expiresAtMs }) => expiresAtMs));
          expect(order.first()?.expiresAtMs).toBe(least);
        }
      }),
    );
  });
});
