import { chooseServiceTier, withServiceTier, type TierQuestion } from './choose-service-tier';

const hour = 3_600_000;
const choose = (question: Partial<TierQuestion> = {}) =>
  chooseServiceTier({
    kind: 'openai-compatible',
    provider: 'openai',
    model: 'gpt-5-mini',
    priority: 'batch',
    remainingMs: hour,
    flexMinMs: 600_000,
    ...question,
  });

describe('chooseServiceTier', () => {
  it.each([
    ['batch work', {}, 'flex'],
    ['batch work with little time left', { remainingMs: 119_000 }, undefined],
    ['a request whose caller named a far deadline', { priority: 'standard', isDeadlineExplicit: true }, 'flex'],
    [
      'one whose caller named a near one',
      { priority: 'express', isDeadlineExplicit: true, remainingMs: 60_000 },
      undefined,
    ],
    ['a request with a deadline of ours', { priority: 'standard' }, undefined],
    ['anything where it is switched off', { flexMinMs: 0 }, undefined],
    ['Gemini', { kind: 'google', provider: 'google', model: 'gemini-2.5-flash' }, 'flex'],
    ['Claude, which has none', { kind: 'anthropic', provider: 'anthropic', model: 'claude-opus-4-5' }, undefined],
    ['another server in OpenAI’s format', { provider: 'vllm', model: 'gpt-5-mini' }, undefined],
  ] as const)('for %s', (_what, question, tier) => {
    expect(choose(question)).toBe(tier);
  });

  it.each([
    'o3',
    'o4-mini',
    'o4-mini-2025-04-16',
    'gpt-5',
    'gpt-5-nano',
    'gpt-5.2',
    'gpt-5-mini-2025-08-07',
    'gpt-6-sol',
  ])('knows that %s has it', (model) => expect(choose({ model })).toBe('flex'));

  it.each(['gpt-4o', 'gpt-4.1', 'o1', 'o3-pro', 'o3-deep-research', 'gpt-5-pro', 'gpt-5-codex', 'gpt-5-chat-latest'])(
    'knows that %s has it not',
    (model) => expect(choose({ model })).toBeUndefined(),
  );

  it.each(['gemini-1.5-pro', 'gemini-2.5-flash-image', 'gemini-2.5-flash-preview-tts', 'gemini-embedding-001'])(
    'does not ask Google’s %s for it',
    (model) => expect(choose({ kind: 'google', provider: 'google', model })).toBeUndefined(),
  );
});

describe('withServiceTier', () => {
  it('puts the tier in front of the bytes as they are', () => {
    expect(String(withServiceTier(Buffer.from('{"model":"m"}'), 'flex'))).toBe('{"service_tier":"flex","model":"m"}');
  });

  it('leaves the caller’s own choice alone', () => {
    expect(withServiceTier(Buffer.from('{"model":"m","service_tier":"priority"}'), 'flex')).toBeUndefined();
    expect(withServiceTier(Buffer.from('no JSON'), 'flex')).toBeUndefined();
  });
});
