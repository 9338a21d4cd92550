import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { portsFrom, serviceNames } from '../lib/ports.mjs';
import { healthUrl, httpPorts } from './health.mjs';
import { collectLicenses } from './licenses.mjs';

const root = path.join(__dirname, '../..');
const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
const instructions = dockerfile
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]);
const lastStage = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
const of = (name, list = lastStage) => list.filter(([one]) => one === name).map(([, rest]) => rest);

describe('the Dockerfile', () => {
  test('copies only what exists, and what .dockerignore lets through', () => {
    const sources = of('COPY', instructions)
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(/\s+/).slice(0, -1));
    expect(sources.filter((source) => !existsSync(path.join(root, source)))).toEqual([]);
    const allowed = readFileSync(path.join(root, '.dockerignore'), 'utf8').match(/^!.+$/gm);
    expect(sources.filter((source) => !allowed.includes(`!${source.split('/')[0]}`))).toEqual([]);
  });

  test('builds from the lock file with the tools of this repository', () => {
    expect(of('RUN', instructions).join('\n')).toContain('npm ci');
    expect(of('RUN', instructions).join('\n')).toContain('node tools/build.mjs');
  });

  test('runs as an ordinary user, by a number that Kubernetes can check', () => {
    expect(of('USER')).toEqual(['1000:1000']);
  });

  test('starts the service without a shell in between, so that it gets the signals', () => {
    expect(JSON.parse(of('ENTRYPOINT')[0])).toEqual(['node', 'container.mjs']);
    expect(serviceNames).toContain(JSON.parse(of('CMD')[0])[0]);
    expect(of('HEALTHCHECK')[0]).toContain('CMD ["node", "health.mjs"]');
  });

  test('names the services that exist', () => {
    const named = /^# Services: (.+)$/m.exec(dockerfile)[1].split(' ');
    expect(named).toEqual([...serviceNames, 'mock-llm']);
    expect(Object.keys(httpPorts)).toEqual(named);
  });
});

describe('the health check of the image', () => {
  const ports = portsFrom({});

  test('asks the service that process 1 runs, on its port', () => {
    for (const service of serviceNames) {
      const url = healthUrl(['node', 'container.mjs', service, ''].join('\0'), {});
      expect(url).toBe(`http://127.0.0.1:${ports.http[service]}/health/ready`);
    }
  });

  test('follows the port that the environment sets', () => {
    const commandLine = ['/sbin/docker-init', '--', 'node', 'container.mjs', 'gateway', ''].join('\0');
    expect(healthUrl(commandLine, { GATEWAY_HTTP_PORT: '9000' })).toBe('http://127.0.0.1:9000/health/ready');
    expect(healthUrl(commandLine, { GATEWAY_HTTP_PORT: '9000', API_PORT: '9001' })).toBe(
      'http://127.0.0.1:9001/health/ready',
    );
  });

  test('knows no address where process 1 is something else', () => {
    expect(healthUrl(['bash', ''].join('\0'), {})).toBeUndefined();
  });
});

describe('the entry of the image', () => {
  let folder;

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'costlane-image-'));
    cpSync(path.join(__dirname, 'container.mjs'), path.join(folder, 'container.mjs'));
    const programs = {
      patient: `process.on('SIGTERM', () => setTimeout(() => { console.log('drained'); process.exit(0); }, 50));
        setInterval(() => undefined, 1000); console.log('up', process.argv.slice(2).join(' '));`,
      starting: `console.log('up'); await new Promise(() => setInterval(() => undefined, 1000));`,
      broken: `throw new Error('cannot start');`,
    };
    for (const [name, source] of Object.entries(programs)) {
      mkdirSync(path.join(folder, 'dist/apps', name), { recursive: true });
      writeFileSync(path.join(folder, 'dist/apps', name, 'main.mjs'), source);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the entry; once it has written a line, `signal` is sent. Resolves with its exit code and what it wrote. */
  async function runEntry(args, signal) {
    const env = { PATH: process.env.PATH };
    const child = spawn(process.execPath, ['container.mjs', ...args], { cwd: folder, env });
    let output = '';
    child.stderr.on('data', (chunk) => (output += chunk));
    child.stdout.on('data', (chunk) => {
      if (output === '' && signal) child.kill(signal);
      output += chunk;
    });
    const [code] = await once(child, 'close');
    return { code, output };
  }

  test('runs the program that is named, with its arguments, and leaves the end to it', async () => {
    const { code, output } = await runEntry(['patient', '--migrate'], 'SIGTERM');
    expect(output).toBe('up --migrate\ndrained\n');
    expect(code).toBe(0);
  });

  test('ends at once on a signal that comes before the program listens to it', async () => {
    expect((await runEntry(['starting'], 'SIGTERM')).code).toBe(0);
  });

  test('fails with the reason when the program cannot start', async () => {
    const { code, output } = await runEntry(['broken']);
    expect(code).toBe(1);
    expect(output).toContain('cannot start');
  });

  test.each([[[]], [['gatway']], [['../apps/patient']]])('refuses %j and says what there is', async (args) => {
    const { code, output } = await runEntry(args);
    expect(code).toBe(64);
    expect(output).toContain('broken, patient, starting');
  });
});

describe('the licences that go along', () => {
  const text = collectLicenses(root);

  test('have the words of the packages that the bundles hold', () => {
    for (const name of ['fastify', '@grpc/grpc-js', 'ioredis', '@pydantic/genai-prices'])
      expect(text).toMatch(new RegExp(`^## ${name} \\d+\\.`, 'm'));
    expect(text).toContain('Pydantic Services Inc.');
  });

  test('leave out what only builds and tests', () => {
    expect(text).not.toMatch(/^## (jest|eslint|esbuild|kubernetes-models) /m);
  });
});
