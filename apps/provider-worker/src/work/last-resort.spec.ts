import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { failure } from '../testing/fakes';
import { worthAnotherTry } from './last-resort';
import type { TargetCall } from './run-chain';

const call = (code: ErrorCode, endedAtMs: number, upstreamCalls = 1): TargetCall =>
  ({ outcome: failure({ error: new CostlaneError(code, code), upstreamCalls }), endedAtMs }) as TargetCall;

describe('what is worth another try when nobody has an answer', () => {
  const nowMs = 20_000;

  it('are models that were kept from being asked, those that want to be left alone behind the others', () => {
    const [busy, shut] = [call('overloaded', 19_000, 0), call('circuit_open', 19_100, 0)];
    expect(worthAnotherTry([busy, call('upstream_error', 19_900), shut], nowMs)).toEqual([shut, busy]);
  });

  it('are those that failed some time ago', () => {
    const old = call('upstream_overloaded', 10_000);
    expect(worthAnotherTry([old, call('upstream_error', 19_990)], nowMs)).toEqual([old]);
  });

  it('are those who said how long to leave them alone, when that is all there is', () => {
    const limited = call('upstream_rate_limited', 19_995);
    expect(worthAnotherTry([limited, call('upstream_unreachable', 19_990)], nowMs)).toEqual([limited]);
  });
});
