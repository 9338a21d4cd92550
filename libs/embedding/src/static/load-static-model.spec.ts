import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultModelFile, loadStaticModel } from './load-static-model';

describe('loading the static model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'static-model-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const bundle = (): string => pathToFileURL(path.join(folder, 'dist/apps/cache/main.mjs')).href;
  const put = (place: string): string => {
    const file = path.join(folder, place);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
    return file;
  };

  test('finds the model in the source tree', () => {
    expect(loadStaticModel().dimension).toBe(384);
  });

  test('finds it beside a bundle, before any other place', () => {
    put('libs/embedding/model/static-model.bin');
    const beside = put('dist/apps/cache/static-model.bin');
    expect(defaultModelFile(bundle())).toBe(beside);
  });

  test('finds it in the lib when a bundle runs in the repository', () => {
    const inLib = put('libs/embedding/model/static-model.bin');
    expect(defaultModelFile(bundle())).toBe(inLib);
  });

  test('takes a file that is named', () => {
    const file = path.join(folder, 'other.bin');
    copyFileSync(defaultModelFile(), file);
    expect(loadStaticModel(file).embed('hello')).toEqual(loadStaticModel().embed('hello'));
  });

  test('says where it looked when there is none', () => {
    expect(() => defaultModelFile(bundle())).toThrow(
      /missing: there is neither .*dist\/apps\/cache\/static-model\.bin/,
    );
    expect(() => loadStaticModel(path.join(folder, 'none.bin'))).toThrow(/there is no .*none\.bin/);
  });

  test('says that a file is no model', () => {
    const file = put('broken.bin');
    expect(() => loadStaticModel(file)).toThrow('of another kind');
  });
});
