import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { customIdOf, customIdToMeasure, groupOf, indexIn, partsOf } from './batch-names';

describe('names in batches', () => {
  it('an id leads back to its item in its batch, and in no other', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (index) => {
        const [batchKey, other] = [`b_${randomUUID()}`, `b_${randomUUID()}`];
        const id = customIdOf(index, batchKey);
        expect(indexIn(id, batchKey)).toBe(index);
        expect(indexIn(id, other)).toBeUndefined();
        expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(customIdToMeasure(index)).toHaveLength(id.length);
      }),
    );
  });

  it('what is no id of ours is of no batch', () => {
    for (const id of ['', 'b_1', '-b_1', 'x-b_1', '1.5-b_1', '--1-b_1']) expect(indexIn(id, 'b_1')).toBeUndefined();
  });

  it('a group tells whom to ask', () => {
    const parts = { provider: 'openai', account: 'key-1', dialect: 'openai.chat', rest: 'openai.chat m a b' } as const;
    expect(partsOf(groupOf(parts))).toEqual(parts);
  });
});
