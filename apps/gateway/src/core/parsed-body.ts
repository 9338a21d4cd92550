/** The document of a larger body is let go of at once: nobody knows when the next one comes to take its place. */
const MAX_KEPT_BYTES = 1024 * 1024;

let lastBytes: Buffer | undefined;
let lastValue: unknown;

/**
 * The JSON document that a body is. Whoever looks at a request in turn (its dialect, the guard, the choice of a model) gets the same one, so it must
 * not be changed. That of the last body only is at hand: to keep one for each request under way would cost more than it saves.
 * @throws SyntaxError where it is no JSON
 */
export function parsedBody(bytes: Buffer): unknown {
  if (bytes === lastBytes) return lastValue;
  const value = JSON.parse(bytes.toString('utf8')) as unknown;
  if (bytes.length <= MAX_KEPT_BYTES) {
    lastBytes = bytes;
    lastValue = value;
  }
  return value;
}
