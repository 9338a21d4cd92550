import fc from 'fast-check';
import { readLines } from './read-lines';

async function linesOf(pieces: Buffer[], maxLineBytes = 1_000): Promise<[number, string | undefined][]> {
  const found: [number, string | undefined][] = [];
  const source = (async function* () {
    yield* pieces;
  })();
  for await (const { number, bytes } of readLines(source, maxLineBytes)) found.push([number, bytes?.toString()]);
  return found;
}

describe('lines of a file', () => {
  it('are the same however the file is cut', async () => {
    const text = fc.array(fc.stringMatching(/^[a-zü"{}]{0,8}$/), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(80)), fc.boolean(), async (lines, cuts, hasEnd) => {
        const file = Buffer.from(lines.join('\n') + (hasEnd ? '\n' : ''));
        const places = [0, ...cuts.filter((cut) => cut < file.length).sort((a, b) => a - b), file.length];
        const pieces = places.slice(1).map((to, i) => file.subarray(places[i], to));
        const wanted = lines.map((line, i) => [i + 1, line]).filter(([, line]) => line !== '');
        expect(await linesOf(pieces)).toEqual(wanted);
      }),
    );
  });

  it('end at a line feed, with or without a carriage return, and the last one without either', async () => {
    expect(await linesOf([Buffer.from('a\r\nb\n\n \t\r\nc')])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [5, 'c'],
    ]);
  });

  it('do not begin with a byte order mark', async () => {
    expect(await linesOf([Buffer.from('\ufeff{}\n\ufeff')])).toEqual([
      [1, '{}'],
      [2, '\ufeff'],
    ]);
  });

  it('that are too long are told, not kept', async () => {
    const pieces = [Buffer.from('abc'), Buffer.from('d\nabc\n'), Buffer.from('    ')];
    expect(await linesOf(pieces, 3)).toEqual([
      [1, undefined],
      [2, 'abc'],
      [3, undefined],
    ]);
  });

  it('of nothing are none', async () => {
    expect(await linesOf([])).toEqual([]);
    expect(await linesOf([Buffer.from('\n\n')])).toEqual([]);
  });
});
