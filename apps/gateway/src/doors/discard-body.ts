import type { IncomingMessage } from 'node:http';

const DISCARD_TIMEOUT_MS = 5_000;

/**
 * Reads away what a client still sends of a body that was refused. A connection closed in its face is reset, and the client then sees a
 * broken pipe instead of the answer that says why. A client that goes on for longer than a while is cut off all the same.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_TIMEOUT_MS).unref();
  request.once('close', () => clearTimeout(timer));
}
