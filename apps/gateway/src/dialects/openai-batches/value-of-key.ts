const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * The bytes of a key's value in an object that is known to be valid JSON, as they were written: parsing and writing anew would change large
 * numbers and what is written in an unusual way. Of a key that is there twice the last one counts, as it does for JSON.parse. Undefined for none,
 * and for a key that is written with escapes.
 */
export function valueOfKey(json: Buffer, key: string): Buffer | undefined {
  const wanted = Buffer.from(JSON.stringify(key));
  let found: Buffer | undefined;
  let depth = 0;
  let isKey = false;
  // Of the value that is wanted, while it is being passed.
  let valueFrom = -1;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] as number;
    if (byte === QUOTE) {
      const end = endOfText(json, i);
      if (depth === 1 && isKey) {
        const colon = json.indexOf(COLON, end);
        valueFrom = json.subarray(i, end).equals(wanted) ? colon + 1 : -1;
        isKey = false;
        i = colon;
      } else i = end - 1;
    } else if (isOpening(byte)) {
      depth += 1;
      isKey = depth === 1;
    } else if (isClosing(byte) || (byte === COMMA && depth === 1)) {
      if (depth === 1 && valueFrom >= 0) found = json.subarray(valueFrom, i);
      if (depth === 1) valueFrom = -1;
      if (byte === COMMA) isKey = true;
      else depth -= 1;
    }
  }
  return found;
}

/** Index behind the closing quote. */
function endOfText(json: Buffer, from: number): number {
  for (let end = json.indexOf(QUOTE, from + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (json[end - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return json.length;
}

const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d;
