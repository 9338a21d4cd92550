import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OPENAI_VERSION = '2.8.1';
/** Kept between runs; the version is in its name, so another one gets a folder of its own. */
const environment = path.resolve('.costlane', 'cache', `python-openai-${OPENAI_VERSION}`);
const python = path.join(environment, 'bin', 'python');

/** How long the first run may take to install the client. */
export const SETUP_TIMEOUT_MS = 240_000;
const STEP_TIMEOUT_MS = 120_000;

/**
 * What a script prints that asks `url` by the official openai client for Python; undefined, with a word why, where that client cannot be had.
 */
export async function runOpenAiScript(script: string, url: string, timeoutMs: number): Promise<unknown> {
  const reason = await setUp();
  if (reason !== undefined) {
    process.stderr.write(`${reason}; the Python client is not tried\n`);
    return undefined;
  }
  const { stdout } = await run(python, [script, url], { timeout: timeoutMs });
  return JSON.parse(stdout) as unknown;
}

/** Makes a virtual environment with the client in it, once. Gives why that cannot be. */
async function setUp(): Promise<string | undefined> {
  if (existsSync(path.join(environment, 'ready'))) return undefined;
  const options = { timeout: STEP_TIMEOUT_MS };
  try {
    await run('python3', ['-m', 'venv', '--clear', environment], options);
  } catch (error) {
    return `no virtual environment could be made with python3: ${firstLine(error)}`;
  }
  try {
    await run(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `openai==${OPENAI_VERSION}`],
      options,
    );
    await run(python, ['-c', `open(${JSON.stringify(path.join(environment, 'ready'))}, 'w').close()`], options);
  } catch (error) {
    return `the openai client could not be installed: ${firstLine(error)}`;
  }
  return undefined;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
