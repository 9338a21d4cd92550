import { isAtLeast, parseVersion, unsupportedReason } from './version.mjs';

describe('versions', () => {
  test.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1', [7, 0, 15]],
    ['Valkey server v=9.1.2 sha=00000000:0', [9, 1, 2]],
    ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', [15, 18, 0]],
    ['v20.20.2', [20, 20, 2]],
  ])('the version is found in "%s"', (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  test('a text without a version gives null', () => {
    expect(parseVersion('command not found')).toBeNull();
  });

  test.each([
    [[6, 2, 0], [6, 2, 0], true],
    [[6, 0, 16], [6, 2, 0], false],
    [[7, 0], [6, 2, 0], true],
    [[20, 9, 0], [20, 19, 0], false],
    [[20], [20, 0, 1], false],
  ])('%j against %j is at least: %s', (actual, wanted, expected) => {
    expect(isAtLeast(actual, wanted)).toBe(expected);
  });

  test('Windows and old versions of Node are refused in one sentence, newer ones pass', () => {
    expect(unsupportedReason('win32', 'v22.0.0')).toMatch(/Windows is out of scope/);
    expect(unsupportedReason('linux', 'v20.18.3')).toMatch(/needs Node 20\.19 or newer; this is v20\.18\.3/);
    expect(unsupportedReason('linux', 'v20.19.0')).toBeNull();
    expect(unsupportedReason('darwin', 'v24.1.0')).toBeNull();
  });
});
