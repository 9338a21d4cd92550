import fc from 'fast-check';
import { packBatches } from './pack-batches';
import type { BatchLimits, MeasuredItem } from './provider-batches';

const limits: BatchLimits = { maxItems: 4, maxBytes: 100, maxInputs: 6 };

const items = fc
  .array(
    fc.record({
      group: fc.constantFrom('chat a', 'chat b', 'embeddings a'),
      sizeBytes: fc.integer({ min: 1, max: 100 }),
      inputs: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 60 },
  )
  .map((drawn): MeasuredItem[] => drawn.map((item, index) => ({ ...item, customId: `item-${index}` })));

const sum = (batch: readonly MeasuredItem[], of: 'sizeBytes' | 'inputs'): number =>
  batch.reduce((total, item) => total + item[of], 0);

describe('packing of batches', () => {
  it('puts every item into one batch, of its group, within all limits and in the order that they came in', () => {
    fc.assert(
      fc.property(items, (all) => {
        const packed = packBatches(all, limits);
        expect(
          packed
            .flat()
            .map(({ customId }) => customId)
            .sort(),
        ).toEqual(all.map(({ customId }) => customId).sort());
        for (const batch of packed) {
          expect(new Set(batch.map(({ group }) => group)).size).toBe(1);
          expect(batch.length).toBeLessThanOrEqual(limits.maxItems);
          expect(sum(batch, 'sizeBytes')).toBeLessThanOrEqual(limits.maxBytes);
          expect(sum(batch, 'inputs')).toBeLessThanOrEqual(limits.maxInputs);
        }
        for (const group of new Set(all.map((item) => item.group))) {
          const ofGroup = (item: MeasuredItem): boolean => item.group === group;
          expect(packed.flat().filter(ofGroup)).toEqual(all.filter(ofGroup));
        }
      }),
    );
  });

  it('begins another batch only where the next item did not fit into the one before', () => {
    fc.assert(
      fc.property(items, (all) => {
        const open = new Map<string, MeasuredItem[]>();
        for (const batch of packBatches(all, limits)) {
          const [first] = batch as [MeasuredItem];
          const before = open.get(first.group);
          if (before) {
            const isFull =
              before.length === limits.maxItems ||
              sum(before, 'sizeBytes') + first.sizeBytes > limits.maxBytes ||
              sum(before, 'inputs') + first.inputs > limits.maxInputs;
            expect(isFull).toBe(true);
          }
          open.set(first.group, batch);
        }
      }),
    );
  });

  it('refuses an item that fits into no batch, and an id that is there twice', () => {
    const item: MeasuredItem = { customId: 'a', group: 'g', sizeBytes: 1, inputs: 1 };
    const refusal = (wrong: MeasuredItem[]) => expect(() => packBatches(wrong, limits));
    refusal([{ ...item, sizeBytes: 101 }]).toThrow(expect.objectContaining({ code: 'body_too_large' }));
    refusal([{ ...item, inputs: 7 }]).toThrow(expect.objectContaining({ code: 'body_too_large', field: 'input' }));
    const many = [1, 2, 3, 4].map((index) => ({ ...item, customId: `item-${index}` }));
    refusal([item, ...many, item]).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'custom_id' }));
  });
});
