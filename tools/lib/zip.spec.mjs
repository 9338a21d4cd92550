import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { listZip, readZipEntry } from './zip.mjs';

/** A zip archive written from its specification, so that the reader is not tested against itself. */
function zipOf(files, comment = '') {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const { name, bytes, isStored = false } of files) {
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const fields = Buffer.alloc(22);
    fields.writeUInt16LE(isStored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    const nameBytes = Buffer.from(name);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(nameBytes.length, 0);
    const signature = (value) => {
      const buffer = Buffer.alloc(4);
      buffer.writeUInt32LE(value, 0);
      return buffer;
    };
    const local = Buffer.concat([signature(0x04034b50), fields, lengths, nameBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([signature(0x02014b50), Buffer.alloc(2), fields, lengths, rest, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, ...central, end, Buffer.from(comment)]);
}

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
