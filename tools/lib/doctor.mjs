// `costlane doctor`: what this machine has of what Costlane needs, and how the system that runs here feels.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { dataDirFrom, readJson } from './data-dir.mjs';
import { lockHolder } from './launcher-lock.mjs';
import { packagesDifference } from './packages.mjs';
import { isPortFree, portsFrom, serviceNames } from './ports.mjs';
import { findOnPath } from './run.mjs';
import { systemFolders } from './postgres-sources.mjs';
import { addressOf, isPostgresReady, isReachable, isRedisReady } from './server-wire.mjs';
import { usesMock } from './service-env.mjs';
import { unsupportedReason } from './version.mjs';

const good = (text) => ({ mark: '✓', text });
const bad = (text) => ({ mark: '✗', text });
const neutral = (text) => ({ mark: '–', text });
const requestTimeoutMs = 2_000;

function checkNode() {
  const reason = unsupportedReason(process.platform, process.version);
  return reason ? bad(reason) : good(`Node ${process.version} on ${process.platform} ${process.arch}`);
}

function checkPackages(root) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const difference = packagesDifference(lock, readJson(path.join(root, 'node_modules/.package-lock.json')));
  return difference
    ? bad(`packages: ${difference}; npm start and npm ci install them`)
    : good('packages are those of package-lock.json');
}

async function checkDatabase({ name, setting, url, running, defaultPort, isReady, origin }) {
  const known = url ?? running;
  if (!known)
    return origin
      ? good(`${name}: will be started from ${origin}`)
      : neutral(`${name}: ${setting} is not set; npm start fetches a server`);
  const address = addressOf(known, defaultPort);
  if (!address) return bad(`${name}: ${setting} is not an address`);
  const from = url ? `from ${setting}` : 'of this checkout';
  const where = `${name} (${from}) at ${address.host}:${address.port}`;
  // A server that is not ours may want TLS or another login first: that it accepts connections is all that can be told.
  const answers = url ? await isReachable(address.host, address.port) : await isReady(address.port, address.host);
  return answers ? good(`${where} answers`) : bad(`${where} does not answer`);
}

async function checkService(name, port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (response.ok) return good(`${name} is ready (port ${port})`);
    return bad(`${name} is not ready: ${(await response.text()).slice(0, 200)}`);
  } catch (error) {
    return bad(`${name} does not answer on port ${port} (${error.cause?.code ?? error.name})`);
  }
}

async function checkPorts(ports) {
  const uses = [
    ...serviceNames.flatMap((name) => [
      [ports.http[name], `${name} HTTP`],
      [ports.grpc[name], `${name} gRPC`],
    ]),
    [ports.redis, 'Redis'],
    [ports.postgres, 'Postgres'],
    [ports.mock, 'mock provider'],
  ];
  const free = await Promise.all(uses.map(([port]) => isPortFree(port)));
  const busy = uses.filter((_, index) => !free[index]).map(([port, use]) => `${port} (${use})`);
  if (busy.length === 0) return good('every port that npm start needs is free');
  return bad(`ports in use: ${busy.join(', ')}; shift them with COSTLANE_PORT_BASE`);
}

/** All findings as `{ mark, text }`. `context` = `{ env, root }`. */
export async function examine({ env, root }) {
  const dataDir = dataDirFrom(env, root);
  const holder = lockHolder(dataDir);
  const running = holder ? readJson(path.join(dataDir, 'run.json')) : null;
  const effective = holder?.portBase ? { ...env, COSTLANE_PORT_BASE: holder.portBase } : env;
  const ports = portsFrom(effective);
  const redis = {
    name: 'Redis',
    setting: 'REDIS_URL',
    url: env.REDIS_URL,
    running: running?.urls?.redis,
    defaultPort: 6379,
    isReady: isRedisReady,
    origin: [...findOnPath('redis-server'), ...findOnPath('valkey-server')][0],
  };
  const postgres = {
    name: 'Postgres',
    setting: 'DATABASE_URL',
    url: env.DATABASE_URL,
    running: running?.urls?.postgres,
    defaultPort: 5432,
    isReady: isPostgresReady,
    origin: systemFolders()[0],
  };
  return [
    checkNode(),
    checkPackages(root),
    await checkDatabase(redis),
    await checkDatabase(postgres),
    neutral(`provider: ${usesMock(env) ? 'the built-in mock (no provider is configured)' : 'as configured'}`),
    ...(holder
      ? [
          good(`Costlane runs from this checkout (process ${holder.pid})`),
          ...(await Promise.all(serviceNames.map((name) => checkService(name, ports.http[name])))),
        ]
      : [neutral('Costlane does not run from this checkout'), await checkPorts(ports)]),
  ];
}

/** Adds `doctor` to the commander program; exit code 1 when something is wrong. */
export function addDoctorCommand(program, context) {
  program
    .command('doctor')
    .description('check Node, packages, ports, Redis, Postgres and the services')
    .action(async () => {
      const findings = await examine(context);
      for (const { mark, text } of findings) console.log(`${mark} ${text}`);
      if (findings.some(({ mark }) => mark === '✗')) process.exitCode = 1;
    });
}
