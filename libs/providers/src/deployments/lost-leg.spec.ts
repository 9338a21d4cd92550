import { emptyUsage, type ErrorCode } from '@costlane/domain';
import { lostLeg } from './lost-leg';
import { failure } from './testing/fake-provider';

const legOf = (code: ErrorCode, parts: Parameters<typeof failure>[1] = {}) =>
  lostLeg('retry', 'a', failure(code, parts), 400);

describe('lostLeg', () => {
  it.each([
    ['cancelled', {}],
    ['upstream_timeout', {}],
    ['upstream_malformed', { status: 200 }],
    ['stream_interrupted', { status: 200 }],
  ] as const)('takes the prompt of a request that ended by %s for charged', (code, parts) => {
    expect(legOf(code, parts)).toMatchObject({
      usage: { ...emptyUsage, freshInputTokens: 100 },
      usageSource: 'estimated',
      errorCode: code,
    });
  });

  it.each([
    ['upstream_error', { status: 500 }],
    ['upstream_rate_limited', { status: 429 }],
    ['upstream_timeout', { status: 504 }],
    ['upstream_unreachable', {}],
  ] as const)('takes nothing for charged after %s with %p', (code, parts) => {
    const leg = legOf(code, parts);
    expect(leg).toMatchObject({ usageSource: 'none', errorCode: code });
    expect(leg).not.toHaveProperty('usage');
  });

  it('believes the provider where it says what was used', () => {
    const usage = { ...emptyUsage, freshInputTokens: 7, outputTokens: 3 };
    expect(legOf('cancelled', { usage, usageSource: 'provider' })).toMatchObject({ usage, usageSource: 'provider' });
  });
});
