import { decodeReply } from '@costlane/contracts';
import type { CallOutcome } from './call';

/** A whole reply; the first result of an idempotency key may be a stream that was kept. */
export function wholeReply(value: Buffer): CallOutcome {
  const { header, body } = decodeReply(value);
  return { header, body, form: header.contentType.startsWith('text/event-stream') ? 'sse' : 'json' };
}
