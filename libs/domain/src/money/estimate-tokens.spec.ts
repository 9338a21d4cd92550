import { estimateTokens } from './estimate-tokens';

describe('estimateTokens', () => {
  it('counts about four ASCII characters a token, rounded up', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('abcd')).toBe(1);
    expect(estimateTokens('abcde')).toBe(2);
    expect(estimateTokens('The quick brown fox jumps over the lazy dog.')).toBe(11);
  });

  it('counts other alphabets denser, and Chinese a token a character', () => {
    expect(estimateTokens('Привет')).toBe(3);
    expect(estimateTokens('你好世界')).toBe(4);
  });

  it('takes a number as a count of characters', () => {
    expect(estimateTokens(400)).toBe(100);
    expect(estimateTokens(-1)).toBe(0);
    expect(estimateTokens(Number.NaN)).toBe(0);
  });
});
