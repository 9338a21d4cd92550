import fc from 'fast-check';
import type { ExactFill } from '@costlane/response-store';
import { testCompletion } from '../testing/test-completion';
import { chunkFills } from './chunk-fills';

const fillOf = (sizeBytes: number): ExactFill => {
  const { fill } = testCompletion();
  if (!fill) throw new Error('a test completion has a fill');
  return { fill, body: Buffer.alloc(sizeBytes) };
};

describe('chunkFills', () => {
  it('loses nothing, keeps the order and stays within the limits', () => {
    const limits = { maxFills: 4, maxBytes: 100 };
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (sizes) => {
        const fills = sizes.map(fillOf);
        const chunks = chunkFills(fills, limits);
        expect(chunks.flat()).toEqual(fills);
        for (const chunk of chunks) {
          const sizeBytes = chunk.reduce((sum, { body }) => sum + body.length, 0);
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk.length).toBeLessThanOrEqual(limits.maxFills);
          expect(chunk.length === 1 || sizeBytes <= limits.maxBytes).toBe(true);
        }
      }),
    );
  });
});
