import { createSameForm } from './same-form';

test('a row is of one form where either column says so, wherever the columns are', () => {
  const isSameForm = createSameForm(['first', 'compact_equal', 'key_equal']);
  const rows = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  expect([0, 3, 6].map((start) => isSameForm(rows, start))).toEqual([false, true, true]);
});

test('features without such columns are never of one form', () => {
  expect(createSameForm(['other'])(Float32Array.of(1), 0)).toBe(false);
});
