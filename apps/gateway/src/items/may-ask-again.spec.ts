import { errorTable, type ErrorCode } from '@costlane/domain';
import { mayAskAgain } from './may-ask-again';

const codes = Object.keys(errorTable) as ErrorCode[];
const failure = { upstreamCalls: 1, remainingMs: 60_000 };

describe('whether a failed item may be asked again', () => {
  it('is so for our own refusals and for what the provider says is passing, and for nothing else', () => {
    expect(codes.filter((code) => mayAskAgain({ ...failure, code })).sort()).toEqual([
      'budget_unavailable',
      'circuit_open',
      'not_ready',
      'overloaded',
      'rate_limited',
      'unavailable',
      'upstream_error',
      'upstream_overloaded',
      'upstream_rate_limited',
      'upstream_unreachable',
    ]);
  });

  it('is never so for what no client should repeat either', () => {
    for (const code of codes) if (mayAskAgain({ ...failure, code })) expect(errorTable[code].isRetryable).toBe(true);
  });

  it('is so for one that waited in vain for its turn, but not where the provider may have been paid', () => {
    expect(mayAskAgain({ ...failure, code: 'deadline_exceeded', upstreamCalls: 0 })).toBe(true);
    expect(mayAskAgain({ ...failure, code: 'deadline_exceeded' })).toBe(false);
  });

  it('is not so when the time of the item is over, nor for a code that nobody knows', () => {
    expect(mayAskAgain({ ...failure, code: 'overloaded', remainingMs: 0 })).toBe(false);
    expect(mayAskAgain({ ...failure, code: 'of-another-version' })).toBe(false);
  });
});
