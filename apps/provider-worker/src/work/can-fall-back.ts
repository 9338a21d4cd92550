import type { CostlaneError, ErrorCode } from '@costlane/domain';

/** A chain asks no more models than this, whatever its job lists: a request must not cost a whole catalog. */
export const MAX_TARGETS = 3;

/** Time that another model is worth asking in, however long the request had. */
const ENOUGH_MS = 500;
/** Of a request that had little from the start, this share of it is enough as well. */
const ENOUGH_SHARE = 0.1;

/**
 * Failures that another model may not have. Not among them: what is wrong with the request itself (every model would say so), a client
 * that has gone, and a deadline that has passed.
 */
const otherMayAnswer: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upstream_error',
  'upstream_overloaded',
  'upstream_timeout',
  'upstream_unreachable',
  'upstream_malformed',
  'upstream_rate_limited',
  'upstream_quota_exhausted',
  'upstream_auth_failed',
  'overloaded',
  'rate_limited',
  'circuit_open',
  'unavailable',
  // A stream that broke off before the client saw any of it.
  'stream_interrupted',
  // The provider does not have this model (any more), or its prompt does not fit: the next may.
  'model_not_found',
  'context_length_exceeded',
  // A defect on the way to one provider need not be there on the way to another.
  'internal',
]);

/** Whether another model may answer what failed with this error. */
export const mayOtherAnswer = (error: CostlaneError): boolean => otherMayAnswer.has(error.code);

/** Whether there is time for another model: half a second, or a tenth of what the request had when it came here. */
export const isTimeLeft = (leftMs: number, leftAtStartMs: number): boolean =>
  leftMs > 0 && leftMs >= Math.min(ENOUGH_MS, ENOUGH_SHARE * leftAtStartMs);
