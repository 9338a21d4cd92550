import { CostlaneError, emptyUsage, type ErrorCode } from '@costlane/domain';
import type { AttemptFailure } from '../attempt';
import type { ProviderSuccess } from '../provider';
import { settleAttempt } from './settle-attempt';

const begun = { ...emptyUsage, freshInputTokens: 500, cacheWriteLongTokens: 20, outputTokens: 1 };
const translation = {
  usage: { usage: begun, openAi: {}, serviceTier: 'default' },
  isUsageFinal: false,
  isWhole: true,
  isOverflown: false,
  isPerhapsTheRequest: false,
  characters: 400,
};
const failure = (code: ErrorCode, more: Partial<AttemptFailure> = {}): AttemptFailure => ({
  ok: false,
  error: new CostlaneError(code, 'no'),
  usageSource: 'none',
  latencyMs: 1,
  upstreamCalls: 1,
  hasDelivered: false,
  isRetryable: true,
  verdict: 'failure',
  ...more,
});
const success: ProviderSuccess = {
  ok: true,
  status: 200,
  contentType: 'application/json',
  usageSource: 'estimated',
  latencyMs: 1,
  upstreamCalls: 1,
  isCacheable: true,
};

describe('settleAttempt', () => {
  it('has the provider’s own word for the usage, which tells caches by their lifetime', () => {
    expect(settleAttempt(success, translation)).toMatchObject({
      usage: begun,
      usageSource: 'provider',
      serviceTier: 'default',
      isCacheable: true,
    });
    expect(settleAttempt(success, { ...translation, usage: undefined })).toMatchObject({ usageSource: 'estimated' });
  });

  it('keeps no answer that is not whole', () => {
    expect(settleAttempt(success, { ...translation, isWhole: false })).toMatchObject({ isCacheable: false });
  });

  it.each(['cancelled', 'upstream_timeout', 'deadline_exceeded'] as const)(
    'charges for an answer that had begun when it was left (%s), seen or not',
    (code) => {
      expect(settleAttempt(failure(code), translation)).toMatchObject({
        usageSource: 'estimated',
        usage: { ...begun, outputTokens: 100 },
      });
    },
  );

  it('charges nothing for a call that failed before it showed anything', () => {
    expect(settleAttempt(failure('upstream_overloaded'), translation)).toMatchObject({ usageSource: 'none' });
    expect(settleAttempt(failure('cancelled'), { ...translation, usage: undefined }).usage).toBeUndefined();
  });

  it('does not send again what may have failed for the request itself, nor holds it against the provider', () => {
    const perhaps = { ...translation, isPerhapsTheRequest: true };
    expect(settleAttempt(failure('upstream_error'), perhaps)).toMatchObject({ isRetryable: false, verdict: 'neutral' });
    expect(settleAttempt(failure('upstream_error'), translation)).toMatchObject({
      isRetryable: true,
      verdict: 'failure',
    });
  });

  it('takes the larger estimate of the output, and no estimate where the totals have come', () => {
    const counted = { hasDelivered: true, usage: { ...emptyUsage, outputTokens: 120 } };
    const interrupted = failure('stream_interrupted', counted);
    expect(settleAttempt(interrupted, translation).usage?.outputTokens).toBe(120);
    expect(settleAttempt(interrupted, { ...translation, isUsageFinal: true })).toMatchObject({
      usage: begun,
      usageSource: 'provider',
    });
  });
});
