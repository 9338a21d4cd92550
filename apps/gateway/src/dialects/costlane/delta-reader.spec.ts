import fc from 'fast-check';
import { chunk } from '../../testing/scripted-inference';
import { DeltaReader } from './delta-reader';

function readAll(pieces: readonly Buffer[]): string {
  const reader = new DeltaReader();
  return pieces.map((piece) => reader.push(piece)).join('') + reader.finish();
}

describe('reading the text of a chat stream', () => {
  it('gives the same text however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
        fc.boolean(),
        (texts, cuts, hasReturns) => {
          const events = texts.map(chunk).join('') + 'data: [DONE]\n\n';
          const bytes = Buffer.from(hasReturns ? events.replaceAll('\n', '\r\n') : events);
          const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
          expect(readAll(pieces)).toBe(texts.join(''));
        },
      ),
    );
  });

  it('passes over comments, other choices and events without text', () => {
    const other = `data: ${JSON.stringify({ choices: [{ index: 1, delta: { content: 'no' } }] })}\n\n`;
    const usage = 'data: {"choices":[],"usage":{"total_tokens":1}}\n\n';
    expect(readAll([Buffer.from(`: ping\n\n${other}${usage}${chunk('yes')}`)])).toBe('yes');
  });

  it('gives the words of a refusal', () => {
    expect(readAll([Buffer.from('data: {"choices":[{"index":0,"delta":{"refusal":"No."}}]}\n\n')])).toBe('No.');
  });

  it('throws on an event that is not JSON', () => {
    expect(() => readAll([Buffer.from('data: {"choices"\n\n')])).toThrow(SyntaxError);
  });
});
