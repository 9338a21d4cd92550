import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeDataDir } from './lib/postgres-place.mjs';
import { findFreeBase } from './lib/ports.mjs';
import { isPostgresReady, isRedisReady } from './lib/server-wire.mjs';
import { writeFakeServices } from './testing/fake-services.mjs';
import { eventually, isRunning, startLauncher } from './testing/launcher.mjs';

const startScript = path.join(__dirname, 'start.mjs');
/** The first start may fetch a server and creates the database. */
const firstStartTimeoutMs = 90_000;
const startTimeoutMs = 20_000;
const endTimeoutMs = 20_000;

jest.setTimeout(120_000);

describe('npm start, with stand-ins for the services', () => {
  let env;
  let base;
  let launcher;

  beforeAll(async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'costlane-launcher-'));
    base = await findFreeBase();
    env = {
      COSTLANE_DATA_DIR: dataDir,
      COSTLANE_DIST_DIR: writeFakeServices(),
      COSTLANE_PORT_BASE: String(base),
      COSTLANE_BIN_DIR: process.env.COSTLANE_BIN_DIR ?? path.join(__dirname, '../.costlane/bin'),
      // The launcher's own servers are what is tested here, not those that the test run lends.
      REDIS_URL: '',
      DATABASE_URL: '',
      npm_lifecycle_event: '',
    };
    launcher = startLauncher(startScript, env);
    await launcher.says(/Ctrl-C stops/, firstStartTimeoutMs);
  });

  afterEach(async () => {
    if (isRunning(launcher.pid)) launcher.kill('SIGTERM');
    await launcher.ended;
  });

  afterAll(() => {
    removeDataDir(env.COSTLANE_DATA_DIR);
    removeDataDir(env.COSTLANE_DIST_DIR);
  });

  async function started(more = {}) {
    if (isRunning(launcher.pid)) return;
    launcher = startLauncher(startScript, { ...env, ...more });
    await launcher.says(/Ctrl-C stops/, startTimeoutMs);
  }

  async function allGone(pids, timeoutMs = endTimeoutMs) {
    await eventually(
      () => !pids.some(isRunning),
      timeoutMs,
      () => `still running: ${pids.filter(isRunning).join(', ')}`,
    );
  }

  const gateway = async (route = '/') => (await fetch(`http://127.0.0.1:${base}${route}`)).json();

  test('brings everything up, says where it is, and on SIGTERM leaves no process behind', async () => {
    await started();
    const output = launcher.output();
    expect(output).toMatch(new RegExp(`Gateway +http://127\\.0\\.0\\.1:${base}`));
    expect(output).toMatch(/curl -si http.*\/v1\/inference/);
    expect(output).toMatch(/Logs .*<service>\.log/);
    expect(output).toMatch(/MOCK provider/);
    expect(await gateway()).toMatchObject({ name: 'gateway', mock: 'true', redis: `redis://127.0.0.1:${base + 79}` });
    expect(await isRedisReady(base + 79)).toBe(true);
    expect(await isPostgresReady(base + 32)).toBe(true);
    const pids = launcher.pids();
    expect(pids).toHaveLength(10);
    launcher.kill('SIGTERM');
    expect(await launcher.ended).toEqual({ code: 0, signal: null });
    await allGone(pids);
  });

  test('a second start uses the data of the first and is ready in under ten seconds', async () => {
    const startedAt = Date.now();
    await started();
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(launcher.output()).not.toMatch(/Creating the database/);
  });

  test('a second one beside the first is refused in a sentence, and the first goes on', async () => {
    await started();
    const second = startLauncher(startScript, env);
    expect((await second.ended).code).toBe(1);
    expect(second.output()).toMatch(new RegExp(`already runs from this checkout \\(process ${launcher.pid},`));
    expect(await gateway()).toMatchObject({ name: 'gateway' });
  });

  test.each([['gateway'], ['redis'], ['postgres']])(
    '%s is started again when it is killed, with a line that says so',
    async (name) => {
      await started();
      const { pid } = launcher.process(name);
      process.kill(pid, 'SIGKILL');
      await eventually(() => ![pid, null].includes(launcher.process(name).pid), startTimeoutMs);
      expect(launcher.output()).toMatch(new RegExp(`! ${name} was killed by SIGKILL; starting it again`));
      const answers = {
        gateway: () => gateway().catch(() => false),
        redis: () => isRedisReady(base + 79),
        postgres: () => isPostgresReady(base + 32),
      };
      await eventually(answers[name], startTimeoutMs);
      expect(launcher.process(name).restarts).toBeGreaterThan(0);
    },
  );

  test('a Redis frozen with SIGSTOP is stopped all the same', async () => {
    await started();
    const pids = launcher.pids();
    process.kill(launcher.process('redis').pid, 'SIGSTOP');
    launcher.kill('SIGINT');
    await launcher.ended;
    await allGone(pids);
  });

  test('when the launcher is killed with -9, everything that it started ends too', async () => {
    await started();
    const pids = launcher.pids();
    launcher.kill('SIGKILL');
    await launcher.ended;
    await allGone(pids);
  });

  test('when launcher and guard are both killed with -9, the next start ends what is left and comes up', async () => {
    await started();
    const pids = launcher.pids();
    process.kill(launcher.run().guardPid, 'SIGSTOP');
    const { guardPid } = launcher.run();
    launcher.kill('SIGKILL');
    process.kill(guardPid, 'SIGKILL');
    await launcher.ended;
    expect(pids.filter(isRunning).length).toBeGreaterThan(5);
    await started();
    expect(launcher.output()).toMatch(/Stopping postgres of an earlier run/);
    await allGone(pids);
  });

  test('a lock that names a process of some other program is stale', async () => {
    const lock = path.join(env.COSTLANE_DATA_DIR, 'launcher.lock');
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, startedAt: 'long ago' }));
    await started();
    expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(launcher.pid);
  });

  test('a port in use is named, with the way round it, and nothing is left running', async () => {
    const blocker = createServer().listen(base + 3, '127.0.0.1');
    try {
      launcher = startLauncher(startScript, env);
      expect((await launcher.ended).code).toBe(1);
      expect(launcher.output()).toMatch(
        new RegExp(`Port ${base + 3} \\(batcher HTTP\\) is already in use.*COSTLANE_PORT_BASE`),
      );
      expect(await isRedisReady(base + 79)).toBe(false);
    } finally {
      await new Promise((resolve) => blocker.close(resolve));
    }
  });

  test('a service that cannot start ends the start, with the end of its log', async () => {
    launcher = startLauncher(startScript, { ...env, FAKE_BROKEN: 'router' });
    expect((await launcher.ended).code).toBe(1);
    expect(launcher.output()).toMatch(/could not be started: router ended with code 3/);
    expect(launcher.output()).toMatch(/broken on purpose/);
    expect(await isPostgresReady(base + 32)).toBe(false);
  });

  test('a data folder that cannot be written is refused by name', async () => {
    const file = path.join(env.COSTLANE_DIST_DIR, 'a-file');
    writeFileSync(file, '');
    launcher = startLauncher(startScript, { ...env, COSTLANE_DATA_DIR: path.join(file, 'data') });
    expect((await launcher.ended).code).toBe(1);
    expect(launcher.output()).toMatch(/a-file\/data cannot be written/);
  });

  test('a stop in the middle of the start leaves nothing behind either', async () => {
    const dataDir = path.join(env.COSTLANE_DIST_DIR, 'fresh-data');
    mkdirSync(dataDir);
    launcher = startLauncher(startScript, { ...env, COSTLANE_DATA_DIR: dataDir });
    await launcher.says(/Creating the database/, startTimeoutMs);
    launcher.kill('SIGTERM');
    expect((await launcher.ended).code).toBe(0);
    expect(await isRedisReady(base + 79)).toBe(false);
    launcher = startLauncher(startScript, { ...env, COSTLANE_DATA_DIR: dataDir });
    await launcher.says(/Ctrl-C stops/, firstStartTimeoutMs);
    launcher.kill('SIGTERM');
    await launcher.ended;
    removeDataDir(dataDir);
  });
});
