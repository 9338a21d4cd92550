import { Readable } from 'node:stream';
import fc from 'fast-check';
import { linesOf, requestsOf } from './batch-door-lines';

const roomy = { lineBytes: 1_000, totalBytes: 10_000 };

async function read(chunks: readonly (string | Buffer)[], limits = roomy): Promise<string[]> {
  const lines = [];
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const { number, bytes } of linesOf(body, limits)) lines.push(`${number}:${String(bytes)}`);
  return lines;
}

describe('lines of a body', () => {
  it('are the same wherever it is cut, and empty ones are passed over', async () => {
    const lines = fc.array(fc.constantFrom('{"a":1}', 'ü{}', '', '  ', 'x\r'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (given, sizes) => {
        const body = Buffer.from(given.join('\n'));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < body.length; i += 1)
          chunks.push(body.subarray(at, (at += sizes[i % sizes.length] ?? 1)));
        const expected = given.map((line, i) => `${i + 1}:${line}`).filter((_, i) => given[i]?.trim() !== '');
        expect(await read(chunks)).toEqual(expected);
      }),
    );
  });

  it('are bounded each, complete or not, and as a whole', async () => {
    const error = { code: 'body_too_large' };
    const limits = { lineBytes: 5, totalBytes: 12 };
    expect(await read(['12345\n', '12345'], limits)).toEqual(['1:12345', '2:12345']);
    await expect(read(['1\n123456\n'], limits)).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining('Line 2'),
    });
    await expect(read(['123', '456'], limits)).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining('Line 1'),
    });
    await expect(read(['12345\n', '12345\n', '1'], limits)).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining('12 bytes'),
    });
  });

  it('are read as JSON in UTF-8, a byte order mark or not, and what is wrong with one is told by its number', async () => {
    const values = async (...chunks: (string | Buffer)[]): Promise<unknown[]> => {
      const seen: unknown[] = [];
      const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
      const requests = requestsOf(linesOf(body, roomy), (value) => (seen.push(value), {} as never));
      for await (const _request of requests);
      return seen;
    };
    expect(await values('\uFEFF{"a":"ü"}\r\n\r\n', '{"a":2}')).toEqual([{ a: 'ü' }, { a: 2 }]);
    const wrong = { code: 'invalid_json', field: 'requests[1]' };
    await expect(values('{}\n\n{"a":')).rejects.toMatchObject({ ...wrong, message: 'Line 3 is not valid JSON.' });
    const latin1 = Buffer.from('{"a":"ü"}', 'latin1');
    await expect(values('{}\n', latin1)).rejects.toMatchObject({ ...wrong, message: 'Line 2 is not UTF-8.' });
  });
});
