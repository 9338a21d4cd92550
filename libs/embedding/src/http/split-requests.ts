/** A text to be sent and its place among the texts of the call. */
export interface PlacedText {
  place: number;
  text: string;
}

export interface RequestBounds {
  maxTexts: number;
  /** UTF-8 bytes of all texts of a request. */
  maxBytes: number;
}

/** The text up to so many UTF-8 bytes, without half a character at its end. */
export function cutToBytes(text: string, maxBytes: number): string {
  // No UTF-16 unit takes more than three bytes, so a short text need not be encoded.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Groups of neighbouring texts that fit into a request each. */
export function splitRequests(texts: readonly PlacedText[], { maxTexts, maxBytes }: RequestBounds): PlacedText[][] {
  const requests: PlacedText[][] = [];
  let request: PlacedText[] = [];
  let sizeBytes = 0;
  for (const placed of texts) {
    const bytes = Buffer.byteLength(placed.text);
    if (request.length > 0 && (request.length === maxTexts || sizeBytes + bytes > maxBytes)) {
      requests.push(request);
      request = [];
      sizeBytes = 0;
    }
    request.push(placed);
    sizeBytes += bytes;
  }
  if (request.length > 0) requests.push(request);
  return requests;
}
