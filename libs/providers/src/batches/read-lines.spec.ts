import fc from 'fast-check';
import { readLines } from './read-lines';

async function linesOf(chunks: Iterable<Buffer>, maxLineBytes = 1_000): Promise<(string | undefined)[]> {
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) {
      await Promise.resolve();
      yield chunk;
    }
  }
  const lines: (string | undefined)[] = [];
  for await (const line of readLines(source(), maxLineBytes)) lines.push(line?.toString('utf8'));
  return lines;
}

/** A text cut into pieces anywhere, in the middle of a character as well. */
function cut(text: string, sizes: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('lines of a stream', () => {
  const text = fc
    .array(fc.constantFrom('a', '{"b":1}', 'ü€😀', '\n', '\r\n'), { maxLength: 40 })
    .map((all) => all.join(''));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 });

  it('are the same however the stream is cut into pieces, empty ones left out', async () => {
    await fc.assert(
      fc.asyncProperty(text, sizes, async (whole, cuts) => {
        const expected = whole.split('\n').filter((line) => line !== '' && line !== '\r');
        expect(await linesOf(cut(whole, cuts))).toEqual(expected);
      }),
    );
  });

  it('leave out what is longer than allowed, and go on with the next', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (cuts) => {
        const whole = `short\n${'x'.repeat(101)}\n${'y'.repeat(100)}\nend`;
        expect(await linesOf(cut(whole, cuts), 100)).toEqual(['short', undefined, 'y'.repeat(100), 'end']);
      }),
    );
  });
});
