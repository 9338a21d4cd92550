import { PrefixTracker } from './prefix-tracker';
import { cacheSalt, promptCacheKey } from './prompt-cache-key';
import { chainOf } from './testing/chains';

const start = 1_800_000_000_000;

/** The keys of conversations that come at a rate, as they are at the end. */
function keysAt(requestsPerMinute: number, conversations = 64, tenant = 't1') {
  const tracker = new PrefixTracker();
  const intervalMs = 60_000 / requestsPerMinute;
  for (let i = 0; i < 1_000; i++) {
    tracker.record(chainOf(['sys:1200', `c${i % conversations}:100`], 1), start + i * intervalMs);
  }
  const nowMs = start + 1_000 * intervalMs;
  return Array.from({ length: conversations }, (_, i) =>
    promptCacheKey(tenant, chainOf(['sys:1200', `c${i}:100`, 'later:900'], 1), tracker, nowMs),
  );
}

describe('promptCacheKey', () => {
  it('gives the requests of one application one key', () => {
    expect(new Set(keysAt(10)).size).toBe(1);
  });

  it('spreads them so that no key gets more than about 15 requests a minute', () => {
    const keys = keysAt(110);
    expect(new Set(keys).size).toBe(8);
    const most = Math.max(...[...new Set(keys)].map((key) => keys.filter((each) => each === key).length));
    expect((most / keys.length) * 110).toBeLessThan(30);
  });

  it('keeps the turns of a conversation on one key', () => {
    const tracker = new PrefixTracker();
    for (let i = 0; i < 500; i++) tracker.record(chainOf(['sys:1200', `c${i}:100`], 1), start + i * 500);
    const keyOf = (...turns: string[]) =>
      promptCacheKey('t1', chainOf(['sys:1200', 'c7:100', ...turns], 1), tracker, start + 250_000);
    expect(keyOf('a:30', 'b:900')).toBe(keyOf('a:30'));
  });

  it('differs by tenant, and says nothing about the prompt', () => {
    const [key = ''] = keysAt(10);
    expect(key).toMatch(/^[\w-]{22}$/);
    expect(keysAt(10, 64, 't2')[0]).not.toBe(key);
  });

  it('tells conversations apart where there is no system prompt to speak of', () => {
    const tracker = new PrefixTracker();
    const keyOf = (name: string) => promptCacheKey('t1', chainOf(['sys:20', `${name}:2000`], 1), tracker, start);
    expect(keyOf('a')).toBe(keyOf('b'));
    const bare = (name: string) => promptCacheKey('t1', chainOf([`${name}:2000`]), tracker, start);
    expect(bare('a')).not.toBe(bare('b'));
  });
});

describe('cacheSalt', () => {
  it('is one for a tenant, and cannot be told without the secret', () => {
    expect(cacheSalt('t1', 's')).toBe(cacheSalt('t1', 's'));
    expect(
      new Set([cacheSalt('t1', 's'), cacheSalt('t2', 's'), cacheSalt('t1', 'r'), cacheSalt('t1', 's', 'own')]).size,
    ).toBe(4);
  });
});
