import { stem } from './stem';

describe('stem', () => {
  it.each([
    ['countries', 'country'],
    ['stopped', 'stop'],
    ['making', 'mak'],
    ['make', 'mak'],
    ['children', 'child'],
    ['was', 'be'],
    ['classes', 'class'],
    ['class', 'class'],
    ['news', 'news'],
  ])('brings %s to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
});
