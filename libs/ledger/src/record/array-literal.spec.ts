import { arrayLiteral } from './array-literal';

describe('array literal', () => {
  it('writes texts quoted, numbers and booleans bare, and nothing as NULL', () => {
    expect(arrayLiteral(['a', '', 7, -0.5, true, undefined])).toBe('{"a","",7,-0.5,true,NULL}');
  });

  it('is empty braces for no values', () => {
    expect(arrayLiteral([])).toBe('{}');
  });

  it('escapes quotes and backslashes, and leaves the word NULL a word', () => {
    expect(arrayLiteral(['say "hi"', 'C:\\dir', 'NULL'])).toBe('{"say \\"hi\\"","C:\\\\dir","NULL"}');
  });
});
