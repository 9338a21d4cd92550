import type { IncomingMessage } from 'node:http';

/** Larger than what OpenAI accepts in one call with images. */
const mostBytes = 64 * 1_024 * 1_024;

/** Reads a request's body as text; hands on undefined when it is too large. Never calls back when the client leaves. */
export function readBody(request: IncomingMessage, onBody: (text: string | undefined) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let sizeBytes = 0;
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) {
      // The rest is read and dropped, so that the client gets to see the answer.
      first = undefined;
      rest = undefined;
    } else if (!first) {
      first = chunk;
    } else {
      rest ??= [first];
      rest.push(chunk);
    }
  });
  request.on('end', () => {
    if (sizeBytes > mostBytes) onBody(undefined);
    else onBody(rest ? Buffer.concat(rest).toString() : (first?.toString() ?? ''));
  });
}
