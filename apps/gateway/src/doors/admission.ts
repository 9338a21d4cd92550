import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';
import type { Authenticator } from '../auth/authenticator';
import type { Caller } from '../core/inference-request';

/** What decides whether a caller may ask now. A limit of 0 is none. */
export interface RateLimiter {
  check(
    id: string,
    limitPerMinute: number,
  ): Result<void, { retryAfterMs: number }> | Promise<Result<void, { retryAfterMs: number }>>;
}

export interface Admission {
  /** The caller, when it is known and within its rate; at once where nothing has to be asked. Throws or rejects with what to answer. */
  admit(headers: IncomingHttpHeaders): Caller | Promise<Caller>;
  /** The caller, for what costs nothing: not counted against its rate. */
  identify(headers: IncomingHttpHeaders): Caller | Promise<Caller>;
}

/** Who may ask, and how often: the same for every door. */
export function createAdmission(
  authenticator: Authenticator,
  limiter: RateLimiter,
  isShuttingDown: () => boolean,
): Admission {
  const withinRate = (caller: Caller): Caller | Promise<Caller> => {
    if (caller.rateLimitPerMinute <= 0) return caller;
    const checked = limiter.check(caller.keyId ?? `tenant:${caller.tenantId}`, caller.rateLimitPerMinute);
    return checked instanceof Promise ? checked.then((result) => admitted(caller, result)) : admitted(caller, checked);
  };
  return {
    admit(headers) {
      if (isShuttingDown()) throw shuttingDown();
      const caller = authenticator.authenticate(headers);
      return caller instanceof Promise ? caller.then(withinRate) : withinRate(caller);
    },
    identify: (headers) => authenticator.authenticate(headers),
  };
}

/** What everybody is told who asks while the gateway drains: another one will answer. */
export const shuttingDown = (): CostlaneError =>
  new CostlaneError('unavailable', 'This gateway is shutting down.', { retryAfterMs: 1_000 });

function admitted(caller: Caller, result: Result<void, { retryAfterMs: number }>): Caller {
  if (result.ok) return caller;
  const message = `The rate limit of ${caller.rateLimitPerMinute} requests a minute is used up.`;
  throw new CostlaneError('rate_limited', message, { retryAfterMs: result.error.retryAfterMs });
}

/** A limiter for deployments without limits. */
export const noLimit: RateLimiter = { check: () => ok(undefined) };
export const refused = (retryAfterMs: number): Result<void, { retryAfterMs: number }> => err({ retryAfterMs });
