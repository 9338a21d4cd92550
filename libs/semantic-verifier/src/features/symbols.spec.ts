import { symbolsOf } from './symbols';

describe('symbolsOf', () => {
  it.each([
    ['Solve for x: 3x + 7 = 22', '+='],
    ['Solve for x: 3x - 7 = 22', '-='],
    ['Difference between == and === in JavaScript', '====='],
    ['What does a && b do, and a || b?', '&&||'],
    ['What does the symbol @ mean?', '@'],
    ['2 * 3', '*'],
  ])('finds the operators of "%s"', (text, expected) => {
    expect(symbolsOf(text)).toBe(expected);
  });

  it.each([
    'Jammu & Kashmir',
    'a state-of-the-art and/or well-known thing - really',
    'from 2016-17 at ~5 km, 1/3 of it',
    'C++ or AB+ in **bold**',
    '> a quoted line',
    '- an item',
  ])('finds none in "%s"', (text) => {
    expect(symbolsOf(text)).toBe('');
  });
});
