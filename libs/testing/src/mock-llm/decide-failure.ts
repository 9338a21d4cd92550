import { simulatedError, type ApiError } from './api-error';
import type { Behaviour } from './behaviour';
import type { SeededRandom } from './seeded-random';

/** The way in which one call goes wrong. */
export type Failure =
  | { kind: 'hang' }
  | { kind: 'status'; error: ApiError; retryAfterSeconds?: number }
  | { kind: 'cut'; afterChunks: number }
  | { kind: 'truncate' }
  | { kind: 'malformed' };

/**
 * Whether and how a call fails. `failTimes` and `errorRate` limit the failure that the behaviour describes (a 500 when
 * it describes none) to the first calls with one body and to a share of the calls; with neither, every call fails.
 * `countCall` counts the calls with this body and is asked only when `failTimes` matters.
 */
export function decideFailure(
  behaviour: Behaviour,
  countCall: () => number,
  random: SeededRandom,
): Failure | undefined {
  const { failTimes, errorRate } = behaviour;
  const described = describeFailure(behaviour);
  if (failTimes === undefined && errorRate === undefined) return described;
  const isEarlyCall = failTimes !== undefined && countCall() <= failTimes;
  const isDrawn = errorRate !== undefined && random.next() < errorRate;
  if (!isEarlyCall && !isDrawn) return undefined;
  return described ?? { kind: 'status', error: simulatedError(500, undefined) };
}

function describeFailure(behaviour: Behaviour): Failure | undefined {
  if (behaviour.hang) return { kind: 'hang' };
  if (behaviour.status !== undefined || behaviour.errorType !== undefined) {
    const error = simulatedError(behaviour.status, behaviour.errorType);
    return { kind: 'status', error, retryAfterSeconds: behaviour.retryAfter };
  }
  if (behaviour.cutAfter !== undefined) return { kind: 'cut', afterChunks: behaviour.cutAfter };
  if (behaviour.truncate) return { kind: 'truncate' };
  return behaviour.malformed ? { kind: 'malformed' } : undefined;
}
