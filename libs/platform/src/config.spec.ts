import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError, loadConfig, parseConfig } from './config';

const schema = z.object({
  API_PORT: z.coerce.number().int().min(1).max(65_535).default(8000),
  REDIS_URL: z.url({ protocol: /^rediss?$/, message: 'must be a redis:// or rediss:// URL' }),
  AUTH_MODE: z.enum(['none', 'required']).default('required'),
});

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'costlane-config-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text);

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    parseConfig(schema, { env, directory });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('configuration', () => {
  test('comes from the environment, with defaults', () => {
    expect(parseConfig(schema, { env: { REDIS_URL: 'redis://localhost', OTHER: 'x' }, directory })).toEqual({
      API_PORT: 8000,
      REDIS_URL: 'redis://localhost',
      AUTH_MODE: 'required',
    });
  });

  test('an empty variable counts as not set', () => {
    const config = parseConfig(schema, { env: { REDIS_URL: 'redis://localhost', API_PORT: '' }, directory });
    expect(config.API_PORT).toBe(8000);
  });

  test('the environment wins over the file', () => {
    write('costlane.config.json', '{"API_PORT": 1234, "AUTH_MODE": "none", "REDIS_URL": "redis://file"}');
    const config = parseConfig(schema, { env: { REDIS_URL: 'redis://env' }, directory });
    expect(config).toEqual({ API_PORT: 1234, AUTH_MODE: 'none', REDIS_URL: 'redis://env' });
  });

  test('groups in a YAML file are joined to the names of the environment', () => {
    write('costlane.config.yaml', 'api:\n  port: 77\nauthMode: none\nredis:\n  url: redis://file\n');
    expect(parseConfig(schema, { env: {}, directory })).toEqual({
      API_PORT: 77,
      AUTH_MODE: 'none',
      REDIS_URL: 'redis://file',
    });
  });

  test('names every wrong field on a line of its own, and shows no value', () => {
    const problems = problemsOf({ REDIS_URL: 'hunter2-secret', API_PORT: '70000', AUTH_MODE: 'sometimes' });
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(
      /^API_PORT: .+\nREDIS_URL: must be a redis:.+\nAUTH_MODE: .+"none"\|"required"/,
    );
    expect(problems.join('\n')).not.toMatch(/hunter2|70000|sometimes/);
  });

  test('a value that a schema repeats in its message is hidden', () => {
    const chatty = z.object({
      API_KEY: z.string().refine(() => false, { error: (issue) => `bad key ${issue.input}` }),
    });
    expect(() => parseConfig(chatty, { env: { API_KEY: 'sk-very-secret' }, directory })).toThrow(
      'API_KEY: bad key ***',
    );
  });

  test('a missing field is called missing', () => {
    expect(problemsOf({})).toEqual(['REDIS_URL: is missing']);
  });

  test('a file that cannot be parsed is named, its text is not shown', () => {
    write('costlane.config.json', '{"API_KEY": "sk-secret",,}');
    expect(problemsOf({})).toEqual(['costlane.config.json: is not valid JSON']);
  });

  test('a service that is configured wrongly prints the fields and exits with 78', () => {
    write('costlane.config.json', '{}');
    const error = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    try {
      expect(() => loadConfig(schema, { API_PORT: 'x' })).toThrow('exit 78');
      expect(error.mock.calls.join('')).toContain('API_PORT: ');
    } finally {
      error.mockRestore();
      exit.mockRestore();
    }
  });
});
