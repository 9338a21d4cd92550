import { claudeTraits } from './claude-traits';

describe('claudeTraits', () => {
  it.each([
    ['claude-3-haiku-20240307', 4_096, 'none', true, false],
    ['claude-3-5-sonnet-20241022', 8_192, 'none', true, false],
    ['claude-3-7-sonnet-latest', 64_000, 'budget', true, false],
    ['claude-opus-4-20250514', 32_000, 'budget', true, false],
    ['claude-opus-4-1', 32_000, 'budget', true, false],
    ['claude-sonnet-4-5-20250929', 64_000, 'budget', true, true],
    ['anthropic/claude-sonnet-4.6', 128_000, 'adaptive', true, true],
    ['claude-opus-4-7', 128_000, 'adaptive', false, true],
    ['claude-opus-5-5', 128_000, 'adaptive', false, true],
    ['claude-sonnet-9', 128_000, 'adaptive', false, true],
    ['claude-opus-latest', 4_096, 'adaptive', true, true],
    ['gpt-4o', 4_096, 'adaptive', true, true],
  ])('%s: %i tokens, thinking %s, sampling %s, schemas %s', (model, maxOutputTokens, thinking, sampling, schemas) => {
    expect(claudeTraits(model)).toMatchObject({
      maxOutputTokens,
      thinking,
      takesSampling: sampling,
      hasStructuredOutputs: schemas,
    });
  });
});
