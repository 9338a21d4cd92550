import type { PolicyModel, RouteDecision } from '@costlane/domain';
import { decision } from '../testing/scripted-inference';
import { goesNative, speaks } from './native-dialects';

const model = (provider: string, more: Partial<PolicyModel> = {}): PolicyModel => ({
  ...decision.model,
  provider,
  ...more,
});
const decided = (provider: string, route: string, ...fallbacks: string[]): RouteDecision => ({
  ...decision,
  route,
  model: model(provider),
  fallbacks: fallbacks.map((each) => model(each)),
});

describe('dialects that go untranslated', () => {
  it.each([
    ['openai', 'openai.responses', true],
    ['anthropic', 'openai.responses', false],
    ['anthropic', 'anthropic.messages', true],
    ['a stranger', 'openai.chat', true],
    ['constructor', 'openai.embeddings', false],
  ] as const)('%s takes %s: %s', (provider, dialect, takes) => {
    expect(speaks(model(provider), dialect)).toBe(takes);
  });

  it('another server in OpenAI’s place is not relied on for more than chat completions', () => {
    expect(speaks(model('openai', { isChatOnly: true }), 'openai.responses')).toBe(false);
  });

  it('a named model is asked in its own dialect; who leaves the choice, only where all that may step in take it', () => {
    expect(goesNative(decided('anthropic', 'explicit', 'openai'), 'anthropic.messages')).toBe(true);
    expect(goesNative(decided('anthropic', 'complexity', 'anthropic'), 'anthropic.messages')).toBe(true);
    expect(goesNative(decided('anthropic', 'complexity', 'openai'), 'anthropic.messages')).toBe(false);
    expect(goesNative(decided('openai', 'explicit'), 'anthropic.messages')).toBe(false);
  });
});
