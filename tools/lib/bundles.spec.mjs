import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sourceStamp } from './bundles.mjs';

describe('the stamp over the sources', () => {
  let root;
  const write = (name, text) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'costlane-stamp-'));
    write('apps/gateway/src/main.ts', 'start();');
    write('libs/domain/src/money.ts', 'export const one = 1;');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('is the same when a file is written again with the same content', () => {
    const before = sourceStamp(root);
    write('libs/domain/src/money.ts', 'export const one = 1;');
    expect(sourceStamp(root)).toBe(before);
  });

  test.each([
    ['a changed file', 'libs/domain/src/money.ts', 'export const one = 2;'],
    ['a new file', 'libs/domain/src/axes.ts', ''],
    ['a changed script', 'libs/lanes/src/reply.lua', 'return 1'],
    ['other dependencies', 'package-lock.json', '{}'],
  ])('differs after %s', (_, name, text) => {
    const before = sourceStamp(root);
    write(name, text);
    expect(sourceStamp(root)).not.toBe(before);
  });

  test('leaves out tests, pages of text and packages, which no bundle contains', () => {
    const before = sourceStamp(root);
    write('libs/domain/src/money.spec.ts', 'test();');
    write('libs/domain/README.md', 'Money.');
    write('libs/domain/node_modules/x/index.ts', 'x();');
    expect(sourceStamp(root)).toBe(before);
  });
});
