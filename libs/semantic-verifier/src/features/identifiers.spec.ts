import { identifiersOf, nameOthers } from './identifiers';

test.each([
  ['What does foo_bar() do?', ['foo_bar']],
  ['explain "getUserById".', ['getuserbyid']],
  ['copy /usr/local/bin to ~/bin', ['/usr/local/bin', '~/bin']],
  ['list ~/bin', ['~/bin']],
  ['see https://www.example.com/a/ now', ['example.com/a']],
  ['mail bob@example.com!', ['bob@example.com']],
  ['commit 9fceb02d0ae5 in src/main.ts', ['9fceb02d0ae5', 'src/main.ts']],
])('identifiers are found in "%s"', (text, expected) => {
  expect(identifiersOf(text)).toEqual(expected);
});

test.each([
  'Is YouTube better than LinkedIn and/or TikTok?',
  'TCP/IP or he/she',
  'my_',
  'decade facade 2024',
  'iPhone 6',
])('there are none in "%s"', (text) => {
  expect(identifiersOf(text)).toEqual([]);
});

test('texts name others when each has one that the other has not', () => {
  expect(nameOthers(['a', 'b'], ['a', 'c'])).toBe(true);
  expect(nameOthers(['a'], ['a', 'c'])).toBe(false);
  expect(nameOthers([], ['c'])).toBe(false);
});
