import { marksOf, contrastsOf, symbolsOf } from './symbols';

describe('symbolsOf', () => {
  it.each([
    ['Solve for x: 3x + 7 = 22', '+='],
    ['Solve for x: 3x - 7 = 22', '-='],
    ['Difference between == and === in JavaScript', '====='],
    ['What does a && b do, and a || b?', '&&||'],
    ['What does the symbol @ mean?', '@'],
    ['2 * 3', '*'],
    ['2 × 3 ≤ 7', '*<='],
    ['the absolute value of -5', '-'],
    ['what does !x do', '!'],
    ['What does ∑ mean?', '∑'],
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

describe('marksOf', () => {
  it.each([
    ['What is 5!?', '!'],
    ['a[0] or {}', '[]{}'],
    ["f'(x) or a?.b", "'?"],
  ])('finds what may be an operator in "%s"', (text, expected) => {
    expect(marksOf(text)).toBe(expected);
  });

  it.each(['I turned 25! What now?', 'Call 555 1234!', 'He said (it) and left?', 'Hello 😀'])(
    'finds none in "%s"',
    (text) => {
      expect(marksOf(text)).toBe('');
    },
  );
});

describe('contrastsOf', () => {
  it('finds signs between digits and pictures, and no degree sign', () => {
    expect(contrastsOf('What does 😀 mean at 12 / 4 °C?')).toBe('/😀');
  });
});
