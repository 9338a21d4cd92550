// A real Redis for one checkout: REDIS_URL where it is set, else a server of our own on a port of ours.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { say } from './log.mjs';
import { noRedisMessage, redisSources } from './redis-sources.mjs';
import { isRedisReady, requireReachable } from './server-wire.mjs';
import { describeFailure, startVerified } from './start-verified.mjs';

const readyTimeoutMs = 20_000;
const dockerImage = 'valkey/valkey:8.1-alpine';
/** The first start by Docker downloads the image. */
const dockerTimeoutMs = 180_000;

function serverArgs(port, folder, bind) {
  const args = ['--bind', bind, '--port', String(port), '--dir', folder, '--daemonize', 'no'];
  return [...args, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
}

function dockerSpec(command, { port, folder }) {
  const name = `costlane-redis-${port}`;
  const user = process.getuid ? ['--user', `${process.getuid()}:${process.getgid()}`] : [];
  const args = [
    'run',
    '--rm',
    '--name',
    name,
    ...user,
    '-p',
    `127.0.0.1:${port}:${port}`,
    '-v',
    `${folder}:/data`,
    dockerImage,
  ];
  const server = ['valkey-server', ...serverArgs(port, '/data', '0.0.0.0'), '--protected-mode', 'no'];
  // A container that outlived its client would still hold the name and the port.
  const removal = `${command} rm -f ${name}`;
  return {
    command: '/bin/sh',
    args: ['-c', `${removal} >/dev/null 2>&1; exec "$0" "$@"`, command, ...args, ...server],
    identity: name,
    removal,
  };
}

/**
 * Brings up Redis and resolves with `{ url, process, description }`; `process` is null for an external one.
 * `context` = `{ env, dataDir, binDir, ports, guard, onChange }`. Throws one sentence where no way exists.
 */
export async function startRedis(context) {
  const { env, dataDir, ports } = context;
  if (env.REDIS_URL) {
    await requireReachable('REDIS_URL', env.REDIS_URL, 6379);
    return { url: env.REDIS_URL, process: null, description: 'from REDIS_URL' };
  }
  const port = ports.redis;
  const folder = path.join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const source of redisSources(context.binDir)) {
    const found = await source.find();
    if (!found) continue;
    const origin = found.docker
      ? dockerSpec(found.docker, { port, folder })
      : { command: found.file, args: serverArgs(port, folder, '127.0.0.1') };
    if (origin.removal) context.guard.atEnd(origin.removal);
    const started = await startVerified(
      {
        name: 'redis',
        command: origin.command,
        args: origin.args,
        identity: origin.identity,
        cwd: folder,
        // An unknown locale in the environment would stop the server.
        env: { ...env, LC_ALL: 'C' },
        logFile: path.join(dataDir, 'logs/redis.log'),
      },
      context,
      { isReady: () => isRedisReady(port), timeoutMs: found.docker ? dockerTimeoutMs : readyTimeoutMs },
    );
    if (started.process) {
      const description = found.docker ? `in Docker (${dockerImage})` : `${found.file} ${found.version}`;
      return { url: `redis://127.0.0.1:${port}`, process: started.process, description };
    }
    say(`  Redis from ${source.label} did not come up (${describeFailure(started)}); looking further`);
  }
  throw new Error(noRedisMessage);
}
