import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { waitFor } from './wait-for';

/** A Redis of one spec's own, so that it can be frozen, killed and started again without harm to others. */
export interface OwnRedis {
  url: string;
  /** Stops it from answering; its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Ends it as a crash does; what was written before is on disk. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a second server of the same program as the Redis for tests, every write synced to disk. Undefined where the program is not on
 * this machine.
 */
export async function startOwnRedis(redisUrl: string): Promise<OwnRedis | undefined> {
  const executable = /^executable:(.+?)\r?$/m.exec(await ask(redisUrl, 'INFO server'))?.[1];
  if (executable === undefined || !existsSync(executable)) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'costlane-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
  args.push('--appendonly', 'yes', '--appendfsync', 'always');
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    server = spawn(executable, args, { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } });
    await waitFor(async () => (await ask(url, 'PING')).startsWith('+PONG'), { timeoutMs: 10_000 });
  };
  const kill = async (): Promise<void> => {
    const running = server;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    kill,
    start,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One command over a connection of its own, and the text of its reply. */
function ask(redisUrl: string, command: string): Promise<string> {
  const { hostname, port, username, password } = new URL(redisUrl);
  const login = password === '' ? '' : `AUTH ${username === '' ? 'default' : username} ${password}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port || 6379), hostname, () => socket.write(`${login}${command}\r\nQUIT\r\n`));
    let text = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error('no reply')));
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
  });
}
