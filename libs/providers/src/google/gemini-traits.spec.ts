import { geminiTraits } from './gemini-traits';

describe('geminiTraits', () => {
  it.each([
    ['gemini-2.0-flash', 'none', '', true, false],
    ['gemma-4-31b-it', 'none', '', true, false],
    ['gemini-2.5-flash-lite', 'budget', '', true, false],
    ['gemini-2.5-pro', 'budget', '', true, false],
    ['gemini-3-pro-preview', 'level', 'low high', true, true],
    ['gemini-3.1-pro-preview', 'level', 'low medium high', true, true],
    ['gemini-3-flash-preview', 'level', 'minimal low medium high', true, true],
    ['gemini-3.5-flash', 'level', 'minimal low medium high', true, true],
    ['gemini-3.5-flash-lite', 'level', 'minimal low medium high', false, true],
    ['google/gemini-3.6-flash', 'level', 'minimal low medium high', false, true],
    ['gemini-3.8-flash', 'level', 'low medium high', false, true],
    ['gemini-3.10-flash', 'level', 'low medium high', false, true],
    ['gemini-4-pro', 'level', 'low medium high', false, true],
    ['gemini-flash-latest', 'level', 'low medium high', true, true],
  ])('%s: thinking by %s (%s), sampling %s, signatures %s', (model, thinking, levels, sampling, signatures) => {
    const traits = geminiTraits(model);
    expect(traits).toMatchObject({ thinking, takesSampling: sampling, wantsSignatures: signatures });
    expect(traits.goesOnWithAnswers).toBe(sampling);
    if (thinking === 'level') expect(traits.levels).toEqual(levels.split(' '));
  });

  it('only the flash models of 2.5 can be kept from thinking', () => {
    const able = ['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3-flash-preview', 'gemini-3.8-flash'].filter(
      (model) => geminiTraits(model).canStopThinking,
    );
    expect(able).toEqual(['gemini-2.5-flash']);
  });
});
