// Writes zip archives from their specification, so that the reader is not tested against itself.
import { crc32, deflateRawSync } from 'node:zlib';

function uint32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value, 0);
  return buffer;
}

/** An archive of `files` = `[{ name, bytes, isStored }]` with an optional comment behind it. */
export function zipOf(files, comment = '') {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const { name, bytes, isStored = false } of files) {
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const nameBytes = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(isStored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const local = Buffer.concat([uint32(0x04034b50), fields, nameBytes, packed]);
    central.push(Buffer.concat([uint32(0x02014b50), Buffer.alloc(2), fields, rest, nameBytes]));
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
