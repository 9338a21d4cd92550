import fc from 'fast-check';
import { cutPrompt, PROMPT_LIMIT_BYTES } from './cut-prompt';

describe('a prompt that is kept', () => {
  it('is as it came where it is short', () => {
    expect(cutPrompt('{"model":"auto"}')).toEqual({ text: '{"model":"auto"}', isCut: false });
    const longest = 'x'.repeat(PROMPT_LIMIT_BYTES);
    expect(cutPrompt(longest)).toEqual({ text: longest, isCut: false });
  });

  it('has no NUL, which the database does not take', () => {
    expect(cutPrompt('a\0b\0')).toEqual({ text: 'ab', isCut: false });
  });

  it('is cut where it is longer, and says so', () => {
    const { text, isCut } = cutPrompt('x'.repeat(PROMPT_LIMIT_BYTES + 1));
    expect([text.length, isCut]).toEqual([PROMPT_LIMIT_BYTES, true]);
  });

  it('is never cut within a character', () => {
    const character = fc.constantFrom('a', 'é', '語', '😀');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 40 }), fc.integer({ min: 0, max: 100 }), (characters, limit) => {
        const whole = characters.join('');
        const { text, isCut } = cutPrompt(whole, limit);
        expect(whole.startsWith(text)).toBe(true);
        expect(text).not.toContain('\uFFFD');
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
        expect(isCut).toBe(Buffer.byteLength(whole) > limit);
        // No more is cut off than has to be.
        if (isCut) expect(Buffer.byteLength(text)).toBeGreaterThan(limit - 4);
      }),
    );
  });
});
