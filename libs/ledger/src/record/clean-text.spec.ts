import { cleanText } from './clean-text';

describe('clean text', () => {
  it('leaves ordinary text as it is', () => {
    expect(cleanText('autocomplete', 200)).toBe('autocomplete');
  });

  it('takes NUL out, which Postgres cannot store', () => {
    expect(cleanText('a\0b\0', 200)).toBe('ab');
  });

  it('cuts long text to the limit and keeps two long names that begin alike apart', () => {
    const one = cleanText(`${'x'.repeat(500)}1`, 200);
    const other = cleanText(`${'x'.repeat(500)}2`, 200);
    expect(one).toHaveLength(200);
    expect(one).not.toBe(other);
    expect(cleanText(`${'x'.repeat(500)}1`, 200)).toBe(one);
  });
});
