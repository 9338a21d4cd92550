import fc from 'fast-check';
import { encodeCommand } from './encode-command';

const argument = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('', 'a'.repeat(5_000), '\ud800', 'ü€😀', '\r\n$3\r\n', Buffer.alloc(0), Buffer.alloc(5_000, 7)),
);

/** What a server reads: the parts of one command, and nothing behind it. */
function read(bytes: Buffer): Buffer[] {
  let at = 0;
  const line = (mark: string): number => {
    const end = bytes.indexOf('\r\n', at);
    const text = bytes.toString('latin1', at, end);
    expect(text[0]).toBe(mark);
    at = end + 2;
    return Number(text.slice(1));
  };
  const parts = Array.from({ length: line('*') }, () => {
    const size = line('$');
    const part = bytes.subarray(at, at + size);
    at += size;
    expect(bytes.toString('latin1', at, at + 2)).toBe('\r\n');
    at += 2;
    return part;
  });
  expect(at).toBe(bytes.length);
  return parts;
}

describe('a command for Redis', () => {
  it('is read by a server as what it is, whatever its arguments', () => {
    fc.assert(
      fc.property(fc.constantFrom('evalsha', 'XADD'), fc.array(argument, { maxLength: 12 }), (name, args) => {
        const parts = read(encodeCommand(name, args));
        expect(parts).toEqual([name, ...args].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
      }),
    );
  });

  it.each([9, 10, 99, 100, 9_999, 10_000, 1_000_000])('has room for an argument of %d bytes', (size) => {
    const [, part] = read(encodeCommand('set', [Buffer.alloc(size, 1)]));
    expect(part?.length).toBe(size);
  });
});
