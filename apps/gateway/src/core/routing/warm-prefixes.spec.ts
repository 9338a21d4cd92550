import type { PolicyModel } from '@costlane/domain';
import { createWarmPrefixes } from './warm-prefixes';

const model = (name: string): PolicyModel => ({
  name,
  provider: 'openai',
  upstreamModel: name,
  isEnabled: true,
  tier: 'standard',
  isBreakerOpen: false,
  contextTokens: 0,
  maxOutputTokens: 0,
});
const system = 'You answer questions about the handbook. '.repeat(200);
const bodyOf = (...turns: string[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      messages: [{ role: 'system', content: system }, ...turns.map((content) => ({ role: 'user', content }))],
    }),
  );

function subject() {
  let nowMs = 1_000_000;
  const warm = createWarmPrefixes({ now: () => nowMs });
  const chain = (tenant: string, ...turns: string[]) => {
    const found = warm.chainOf(tenant, bodyOf(...turns), 2_000);
    if (!found) throw new Error('no chain');
    return found;
  };
  return { warm, chain, pass: (ms: number) => void (nowMs += ms) };
}

describe('warm prefixes', () => {
  it('a prompt whose beginning went to a model finds it warm there, and nowhere else', () => {
    const { warm, chain } = subject();
    warm.sent(chain('t', 'first question'), model('a'));
    expect(warm.warmTokensOf(chain('t', 'another question'))(model('a'))).toBeGreaterThan(1_500);
    expect(warm.warmTokensOf(chain('t', 'another question'))(model('b'))).toBe(0);
    expect(warm.warmTokensOf(chain('other tenant', 'another question'))(model('a'))).toBe(0);
  });

  it('grows cold when it was not used for as long as providers keep it', () => {
    const { warm, chain, pass } = subject();
    warm.sent(chain('t', 'first question'), model('a'));
    pass(5 * 60_000);
    expect(warm.warmTokensOf(chain('t', 'x'))(model('a'))).toBeGreaterThan(0);
    pass(1);
    expect(warm.warmTokensOf(chain('t', 'x'))(model('a'))).toBe(0);
  });

  it('has nothing to do with prompts that no provider caches', () => {
    expect(subject().warm.chainOf('t', bodyOf('short'), 1_000)).toBeUndefined();
  });
});
