import fc from 'fast-check';
import { padBatch, planBatches } from './plan-batches';

describe('planning batches', () => {
  test('each text is in one batch, short texts first, within the bounds', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 200 }),
        (all, maxTexts, maxIds) => {
          const texts = all.map((length, place) => ({ place, ids: new Uint16Array(length) }));
          const batches = planBatches(texts, { maxTexts, maxIds });
          const places = batches.flat().map(({ place }) => place);
          expect([...places].sort((a, b) => a - b)).toEqual(texts.map(({ place }) => place));
          const flat = batches.flat().map(({ ids }) => ids.length);
          expect(flat).toEqual([...flat].sort((a, b) => a - b));
          for (const batch of batches) {
            const padded = batch.length * Math.max(...batch.map(({ ids }) => ids.length));
            expect(batch.length).toBeLessThanOrEqual(maxTexts);
            expect(batch.length === 1 || padded <= maxIds).toBe(true);
          }
        },
      ),
    );
  });

  test('a batch is padded to its longest text, with markers around each and a mask over what is real', () => {
    const batch = [
      { place: 0, ids: Uint16Array.of(7) },
      { place: 1, ids: Uint16Array.of(8, 9) },
    ];
    const { count, length, ids, mask } = padBatch(batch, { first: 1, last: 2 });
    expect([count, length]).toEqual([2, 4]);
    expect([...ids].map(Number)).toEqual([1, 7, 2, 0, 1, 8, 9, 2]);
    expect([...mask].map(Number)).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
  });
});
