import { readFileSync, readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseEnvExample } from './env-file.mjs';
import { schemas } from './schemas.mjs';
import {
  boundsOf,
  composeSettings,
  defaultOf,
  fieldsOf,
  mockSettings,
  modelSwitch,
  nodeSettings,
  platformSettings,
  toolSettings,
} from './settings.mjs';

const root = path.join(__dirname, '../..');
const example = parseEnvExample(readFileSync(path.join(root, '.env.example'), 'utf8'));
const documented = new Map(example.map((setting) => [setting.name, setting]));
const fields = Object.entries(schemas).flatMap(([service, schema]) =>
  Object.entries(fieldsOf(schema)).map(([name, field]) => ({ service, name, field })),
);
const isSource = (name) => /\.(ts|mjs)$/.test(name) && !/\.spec\./.test(name);

function sourceFiles(folders) {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => path.join(root, folder, name))
      .filter((file) => isSource(file) && !/\/(testing|node_modules|e2e)\//.test(file)),
  );
}

const hasNumber = (text, number) => text.split(/[^0-9.,]+/).some((word) => word.replace(/[.,]$/, '') === number);
const grouped = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 6 });

describe('.env.example', () => {
  test('is checked against every service that has settings', () => {
    const services = readdirSync(path.join(root, 'apps')).filter((name) =>
      existsSync(path.join(root, 'apps', name, 'src/config.ts')),
    );
    expect(Object.keys(schemas).sort()).toEqual(services.sort());
  });

  test('has every setting of every service', () => {
    const missing = fields
      .filter(({ name }) => !documented.has(name))
      .map(({ service, name }) => `${service}: ${name}`);
    expect(missing).toEqual([]);
  });

  test('has the settings that are read outside of the schemas', () => {
    const others = [...platformSettings, ...mockSettings, ...toolSettings, ...composeSettings];
    expect(others.filter((name) => !documented.has(name))).toEqual([]);
  });

  test('has every setting that some source file reads by its name', () => {
    const known = new Set([...documented.keys(), ...nodeSettings, 'PATH']);
    // Sample texts of the detectors look like code that reads settings.
    const files = sourceFiles(['apps', 'libs', 'tools']).filter((file) => !file.includes('data-policy/src/corpus'));
    const unknown = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\benv(?:\.|\[')([A-Z][A-Z0-9_]+)\b/g)]
        .filter(([, name]) => !known.has(name))
        .map(([, name]) => `${path.relative(root, file)}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test('has nothing that nobody reads', () => {
    const read = new Set([
      ...fields.map(({ name }) => name),
      ...platformSettings,
      ...mockSettings,
      ...toolSettings,
      ...composeSettings,
    ]);
    const unread = [...documented.keys()].filter((name) => !read.has(name) && !modelSwitch.test(name));
    expect(unread).toEqual([]);
  });

  test('has each setting once, and says what it means', () => {
    expect(documented.size).toBe(example.length);
    expect(example.filter(({ comment }) => comment === '').map(({ name }) => name)).toEqual([]);
  });

  test('tells the default of every setting', () => {
    const wrong = fields.filter(({ name, field }) => {
      const value = documented.get(name)?.value;
      const byDefault = defaultOf(field);
      return byDefault === undefined ? value !== '' : !isDeepStrictEqual(field.safeParse(value).data, byDefault);
    });
    expect(wrong.map(({ service, name }) => `${service}: ${name}`)).toEqual([]);
  });

  test('tells the range of every number', () => {
    const wrong = fields.flatMap(({ service, name, field }) => {
      const { min, max } = boundsOf(field) ?? {};
      const comment = documented.get(name)?.comment ?? '';
      const untold = [min, max].filter((bound) => bound !== undefined && !hasNumber(comment, grouped(bound)));
      return untold.map((bound) => `${service}: ${name} does not say ${grouped(bound)}`);
    });
    expect(wrong).toEqual([]);
  });
});
