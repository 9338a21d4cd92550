import fc from 'fast-check';
import { zipOf } from '../testing/zip-of.mjs';
import { listZip, readZipEntry } from './zip.mjs';

describe('reading zip archives', () => {
  test('every file comes out as it went in, packed or stored, with a comment behind the archive or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 2_000 }), isStored: fc.boolean() }), { maxLength: 5 }),
        fc.string({ maxLength: 30, unit: 'grapheme-ascii' }),
        (contents, comment) => {
          const files = contents.map(({ bytes, isStored }, index) => ({
            name: `dir/file-${index}`,
            bytes: Buffer.from(bytes),
            isStored,
          }));
          const archive = zipOf(files, comment);
          const entries = listZip(archive);
          expect(entries.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
          entries.forEach((entry, index) => expect(readZipEntry(archive, entry).equals(files[index].bytes)).toBe(true));
        },
      ),
    );
  });

  test('what is not an archive is refused', () => {
    expect(() => listZip(Buffer.from('<html>404</html>'))).toThrow(/not a zip archive/);
    expect(() => listZip(Buffer.alloc(1_000))).toThrow(/not a zip archive/);
  });

  test('a changed byte is noticed', () => {
    const bytes = Buffer.from('a server program'.repeat(20));
    const archive = zipOf([{ name: 'server', bytes, isStored: true }]);
    archive[archive.indexOf('program') + 2] ^= 1;
    expect(() => readZipEntry(archive, listZip(archive)[0])).toThrow(/server does not match its checksum/);
  });

  test('an archive that was cut off is refused', () => {
    const archive = zipOf([{ name: 'server', bytes: Buffer.from('x'.repeat(100)) }]);
    expect(() => listZip(archive.subarray(0, archive.length - 10))).toThrow(/not a zip archive/);
  });
});
