import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { waitFor } from '../wait-for';
import { startMockLlm } from './create-mock-llm';
import type { Stats } from './mock-state';
import { chatBody, chatPath, postJson } from './post-json';

describe('the mock LLM as a program', () => {
  let folder: string;
  let program: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'mock-llm-'));
    program = path.join(folder, 'main.mjs');
    const entryPoints = [path.join(__dirname, 'main.ts')];
    await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const start = async (port: string) => {
    const env = { ...process.env, MOCK_LLM_PORT: port };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, exited, log: JSON.parse(line) as Record<string, unknown> };
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('logs where it listens and exits at once on %s', async (signal) => {
    const { child, exited, log } = await start('0');
    expect(log).toMatchObject({ level: 30, name: 'mock-llm', msg: 'listening' });
    const url = String(log['url']);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const hanging = postJson(url, chatPath, chatBody('[[mock: hang=1]]')).then(
      () => 'answered',
      () => 'broken off',
    );
    const inFlight = async () => ((await (await fetch(`${url}/mock/stats`)).json()) as Stats).inFlight;
    await waitFor(async () => (await inFlight()) === 1);
    const signalledAtMs = Date.now();
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
    expect(Date.now() - signalledAtMs).toBeLessThan(1_000);
    expect(await hanging).toBe('broken off');
  });

  it('says that its port is taken and exits with 1', async () => {
    const holder = await startMockLlm();
    const { exited, log } = await start(String(holder.port));
    expect(log).toMatchObject({ level: 60, error: expect.stringContaining('EADDRINUSE') });
    expect(await exited).toEqual([1, null]);
    await holder.close();
  });

  it('refuses a port that is no port', async () => {
    const { exited, log } = await start('http');
    expect(log['error']).toBe('MOCK_LLM_PORT must be a port number, got "http"');
    expect(await exited).toEqual([1, null]);
  });
});
