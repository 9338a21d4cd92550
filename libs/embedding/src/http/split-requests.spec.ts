import fc from 'fast-check';
import { cutToBytes, splitRequests } from './split-requests';

describe('cutting a text to bytes', () => {
  test('leaves a short text as it is', () => {
    expect(cutToBytes('häuser', 7)).toBe('häuser');
  });

  test('does not cut through a character', () => {
    expect(cutToBytes('häuser', 2)).toBe('h');
    expect(cutToBytes('a👩b', 4)).toBe('a');
    expect(cutToBytes('a👩b', 5)).toBe('a👩');
  });

  test('gives a beginning of the text that is no longer than allowed, and as long as possible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 0, max: 80 }), (text, maxBytes) => {
        const cut = cutToBytes(text, maxBytes);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        const next = [...text.slice(cut.length)][0];
        if (next !== undefined) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(maxBytes);
      }),
    );
  });
});

test('requests hold all texts once, in their order, within the bounds unless one text alone exceeds them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 50 }),
      (texts, maxTexts, maxBytes) => {
        const requests = splitRequests(
          texts.map((text, place) => ({ text, place })),
          { maxTexts, maxBytes },
        );
        expect(requests.flat().map(({ place }) => place)).toEqual(texts.map((_, place) => place));
        for (const request of requests) {
          const sizeBytes = request.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
          expect(request.length).toBeLessThanOrEqual(maxTexts);
          expect(request.length === 1 || sizeBytes <= maxBytes).toBe(true);
        }
      },
    ),
  );
});
