import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packagesDifference } from './packages.mjs';

const root = path.join(__dirname, '../..');
const lock = {
  packages: {
    '': { name: 'costlane' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/only-on-mac': { version: '2.0.0', optional: true },
  },
};

describe('whether npm ci is needed', () => {
  test('not when what is installed is what the lock file names; other platforms may be absent', () => {
    const installed = { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };
    expect(packagesDifference(lock, installed)).toBeNull();
  });

  test.each([
    [null, 'no packages are installed'],
    [{ packages: {} }, 'node_modules/a is missing'],
    [
      { packages: { 'node_modules/a': { version: '1.1.0', integrity: 'sha512-a' } } },
      'node_modules/a is 1.1.0, not 1.0.0',
    ],
    [
      { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } } },
      'node_modules/a is 1.0.0, not 1.0.0',
    ],
  ])('installed %j: %s', (installed, expected) => {
    expect(packagesDifference(lock, installed)).toBe(expected);
  });
});

describe('package-lock.json', () => {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));

  function isLocked(from, name) {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
      if (!folder) return false;
    }
  }

  test('names the binaries of every platform: npm ci refuses a lock file that leaves out optional packages', () => {
    const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(from, name)),
    );
    expect(missing).toEqual([]);
  });

  test('is for the package.json beside it', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(packages[''].dependencies).toEqual(dependencies);
    expect(packages[''].devDependencies).toEqual(devDependencies);
  });
});
