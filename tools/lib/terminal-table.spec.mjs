import { renderTable, widthOf } from './terminal-table.mjs';

const plain = { isColoured: false, width: Infinity };
const lines = (...args) => renderTable(...args).split('\n');

describe('a table on a terminal', () => {
  test('has columns of numbers to the right and of words to the left', () => {
    expect(
      lines(
        ['name', 'spent'],
        [
          ['alpha', '$1.50'],
          ['b', '$1,200.00'],
        ],
        plain,
      ),
    ).toEqual(['name       spent', 'alpha      $1.50', 'b      $1,200.00']);
    expect(
      lines(
        ['name', 'saved'],
        [
          ['a', '−$1.00'],
          ['b', ''],
        ],
        plain,
      )[1],
    ).toBe('a     −$1.00');
  });

  test('is no wider than the terminal: words are cut, numbers are not', () => {
    const rows = [['a name that is much too long for this', '1,234,567.00']];
    for (const line of lines(['name', 'spent'], rows, { ...plain, width: 30 }))
      expect(widthOf(line)).toBeLessThanOrEqual(30);
    expect(lines(['name', 'spent'], rows, { ...plain, width: 30 })[1]).toMatch(/^a name that is.*…\s+1,234,567\.00$/);
  });

  test('is written below each other where there is no room for columns', () => {
    expect(lines(['spent', 'saved'], [['1,234,567', '7,654,321']], { ...plain, width: 12 })).toEqual([
      'spent  1,234,567',
      'saved  7,654,321',
    ]);
  });

  test('shows control characters of names as spaces, so that a name cannot steer the terminal', () => {
    expect(renderTable(['name'], [['a\u001b[2J\nb\u202e']], plain)).not.toMatch(/[\u001b\u202e]/);
    expect(lines(['name'], [['a\nb']], plain)).toEqual(['name', 'a b']);
  });

  test('has its head in bold on a terminal with colours only', () => {
    expect(renderTable(['n'], [['1']], { width: 80, isColoured: true })).toMatch(/^\u001b\[1mn\u001b\[22m\n1$/);
    expect(renderTable(['n'], [['1']], plain)).toBe('n\n1');
  });

  test('has nothing but its head without rows', () => {
    expect(renderTable(['a', 'b'], [], plain)).toBe('a  b');
  });
});
