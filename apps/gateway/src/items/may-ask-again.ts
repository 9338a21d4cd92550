import { isErrorCode, type ErrorCode } from '@costlane/domain';

/** What a failed item's next try depends on. */
export interface Failure {
  code: string;
  /** Requests to a provider that were made for it. */
  upstreamCalls: number;
  /** Until the item's own deadline. */
  remainingMs: number;
}

/** Refusals of our own: nothing was asked. */
const refusals = [
  'not_ready',
  'unavailable',
  'budget_unavailable',
  'rate_limited',
  'overloaded',
  'circuit_open',
] as const;
/** The provider's word that it will be over: the worker's own tries are seconds apart and cannot outlast it. */
const passing = ['upstream_rate_limited', 'upstream_overloaded', 'upstream_error', 'upstream_unreachable'] as const;

const again: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...refusals, ...passing]);

/**
 * Whether a failed item may be asked once more, later. Not what would fail the same way (a bad request, a spent quota, an answer that cannot
 * be read), and not what ran into a limit of time at the provider, which may have been paid for.
 */
export function mayAskAgain({ code, upstreamCalls, remainingMs }: Failure): boolean {
  if (remainingMs <= 0 || !isErrorCode(code)) return false;
  // A single try's time was over while it waited for its turn, and the item has more.
  if (code === 'deadline_exceeded') return upstreamCalls === 0;
  return again.has(code);
}
