import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { doorsUnderTest } from './doors-under-test';

const run = promisify(execFile);
const doors = doorsUnderTest();
const OPENAI_VERSION = '2.8.1';
/** Kept between runs; the version is in its name, so another one gets a folder of its own. */
const environment = path.resolve('.costlane', 'cache', `python-openai-${OPENAI_VERSION}`);
const python = path.join(environment, 'bin', 'python');
const script = path.join(__dirname, 'openai_client.py');
const SETUP_TIMEOUT_MS = 120_000;

/** Makes a virtual environment with the client in it, once. Gives why that cannot be. */
async function setUp(): Promise<string | undefined> {
  if (existsSync(path.join(environment, 'ready'))) return undefined;
  const options = { timeout: SETUP_TIMEOUT_MS };
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

(doors ? describe : describe.skip)('the official openai client for Python, with another base URL', () => {
  it(
    'gets completions, streams, tool calls, choices, models and errors',
    async () => {
      const reason = await setUp();
      if (reason !== undefined) {
        process.stderr.write(`${reason}; the Python client is not tried\n`);
        return;
      }
      const { stdout } = await run(python, [script, doors?.url ?? ''], { timeout: 60_000 });
      expect(JSON.parse(stdout)).toEqual({
        text: expect.stringMatching(/./),
        cost_usd: expect.stringMatching(/^0\.\d{9}$/),
        streamed_text: expect.stringMatching(/./),
        streamed_usage: expect.any(Number),
        tool: 'weather',
        choices: 2,
        image_passed: true,
        unknown_passed: { deep: [1, null] },
        models: true,
        errors: [
          'BadRequestError:invalid_request',
          'NotFoundError:model_not_found',
          'AuthenticationError:invalid_api_key',
        ],
      });
    },
    2 * SETUP_TIMEOUT_MS + 60_000,
  );
});
