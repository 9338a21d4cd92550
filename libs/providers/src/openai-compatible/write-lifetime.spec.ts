import { emptyUsage, type TokenUsage } from '@costlane/domain';
import type { AttemptOutcome } from '../attempt';
import { withWriteLifetime } from './write-lifetime';

const outcomeOf = (usage: Partial<TokenUsage> | undefined): AttemptOutcome => ({
  ok: true,
  status: 200,
  contentType: 'application/json',
  usage: usage && { ...emptyUsage, ...usage },
  usageSource: 'provider',
  latencyMs: 1,
  upstreamCalls: 1,
  isCacheable: true,
});
const bodyOf = (options: unknown) => Buffer.from(JSON.stringify({ model: 'm', prompt_cache_options: options }));
const written = { freshInputTokens: 10, cacheWriteShortTokens: 300 };

describe('withWriteLifetime', () => {
  it('puts writes under hours where the request asked for hours', () => {
    expect(withWriteLifetime(outcomeOf(written), bodyOf({ ttl: '12h' })).usage).toEqual({
      ...emptyUsage,
      freshInputTokens: 10,
      cacheWriteLongTokens: 300,
    });
  });

  it.each([{ ttl: '30m' }, { ttl: 12 }, {}, null, '12h'])('leaves them where they are for %j', (options) => {
    const outcome = outcomeOf(written);
    expect(withWriteLifetime(outcome, bodyOf(options))).toBe(outcome);
  });

  it('does not read a request of which nothing was written, and takes one that is no JSON for a usual one', () => {
    for (const outcome of [outcomeOf({ freshInputTokens: 10 }), outcomeOf(undefined)]) {
      expect(withWriteLifetime(outcome, bodyOf({ ttl: '12h' }))).toBe(outcome);
    }
    const outcome = outcomeOf(written);
    expect(withWriteLifetime(outcome, Buffer.from('{"prompt_cache_options":{"ttl":"12h"}'))).toBe(outcome);
  });
});
