import { fromFrameworkError } from '@costlane/platform';

/** An error as it is told inside a stream: the same on server-sent events and WebSocket frames. */
export interface ErrorEvent {
  type: 'error';
  code: string;
  message: string;
  field?: string;
  retry_after_ms?: number;
  request_id?: string;
}

export function errorEvent(error: unknown, requestId?: string): ErrorEvent {
  const { code, message, field, retryAfterMs } = fromFrameworkError(error);
  return { type: 'error', code, message, field, retry_after_ms: retryAfterMs, request_id: requestId };
}
