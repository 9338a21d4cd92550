// A Redis server out of the distribution's own packages without installing them: downloaded and unpacked into a private folder, which
// needs no root. For Debian and its kin where neither a server nor pip is at hand.
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findOnPath, lastLines, run } from './run.mjs';

const lookupTimeoutMs = 30_000;
const downloadTimeoutMs = 180_000;
const withoutOptional = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
  (kind) => `--no-${kind}`,
);

/** Whether this system has what is needed. */
export function hasDebianTools() {
  return ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query'].every((name) => findOnPath(name).length > 0);
}

/** The server's package and those of its libraries that are not on this machine. Throws when the package lists do not know it. */
async function missingPackages() {
  const depends = await run('apt-cache', ['depends', '--recurse', ...withoutOptional, 'redis-server'], {
    timeoutMs: lookupTimeoutMs,
    keptOutputChars: 1e6,
  });
  const names = depends.output.split('\n').filter((line) => /^(redis|lib|lua)[a-z0-9.+-]*(:[a-z0-9]+)?$/.test(line));
  if (depends.code !== 0 || !names.includes('redis-server'))
    throw new Error("the system's package lists have no redis-server");
  const format = '${db:Status-Status} ${Package}\n';
  const installed = await run('dpkg-query', ['-W', '-f', format, ...names], {
    timeoutMs: lookupTimeoutMs,
    keptOutputChars: 1e6,
  });
  const present = new Set(
    installed.output
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice(10)),
  );
  return names.filter((name) => name.startsWith('redis') || !present.has(name.split(':')[0]));
}

function libraryFolders(unpacked) {
  return ['usr/lib', 'lib'].flatMap((parent) => {
    const folder = path.join(unpacked, parent);
    if (!existsSync(folder)) return [];
    return [
      folder,
      ...readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => path.join(folder, name)),
    ];
  });
}

/**
 * Downloads and unpacks the packages below `folder` and resolves with the file to start: a script that sets the library path first.
 * Throws one sentence when that is not possible.
 */
export async function unpackDebianServer(folder) {
  const target = path.join(folder, 'debian-redis');
  const starter = path.join(target, 'redis-server');
  if (existsSync(starter)) return starter;
  const download = path.join(folder, 'debian-download');
  const unpacked = path.join(download, 'unpacked');
  rmSync(download, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  try {
    const fetched = await run('apt-get', ['download', ...(await missingPackages())], {
      cwd: download,
      timeoutMs: downloadTimeoutMs,
    });
    if (fetched.code !== 0) throw new Error(`apt-get download failed: ${lastLines(fetched.output, 1).trim()}`);
    for (const file of readdirSync(download).filter((name) => name.endsWith('.deb'))) {
      const { code, output } = await run('dpkg-deb', ['-x', path.join(download, file), unpacked]);
      if (code !== 0) throw new Error(`${file} could not be unpacked: ${lastLines(output, 1).trim()}`);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(unpacked, target);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
  const libraries = libraryFolders(target).join(':');
  const server = path.join(target, 'usr/bin/redis-server');
  writeFileSync(starter, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${server}' "$@"\n`);
  chmodSync(starter, 0o755);
  return starter;
}
