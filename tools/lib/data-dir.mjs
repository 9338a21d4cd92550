// The folder that holds a checkout's data, logs and state, and the lock that lets one launcher at a time use it.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

/** Where the data lies: COSTLANE_DATA_DIR, else `.costlane` of the checkout. */
export function dataDirFrom(env, root) {
  return path.resolve(root, env.COSTLANE_DATA_DIR || '.costlane');
}

/** Creates the folder and its `logs`. Throws one sentence when this user may not write there. */
export function prepareDataDir(dir) {
  try {
    mkdirSync(path.join(dir, 'logs'), { recursive: true });
    const probe = path.join(dir, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new Error(
      `${dir} cannot be written (${error.code}): it may belong to another user. ` +
        'Remove it, or name another folder with COSTLANE_DATA_DIR.',
    );
  }
}

/** Reads a JSON file; null when it is missing or not JSON. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Writes a file whole or not at all, readable by its owner only. */
export function writePrivately(file, text) {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}

/** A secret kept in the data folder: made on the first call, the same ever after. */
export function secretIn(dir, name) {
  const file = path.join(dir, name);
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept) return kept;
  } catch {
    // The first start makes it below.
  }
  const secret = randomBytes(24).toString('hex');
  writePrivately(file, `${secret}\n`);
  return secret;
}

/** The command line of a process; empty when there is no such process or it is dead and only not reaped yet. */
export function commandOf(pid) {
  if (!Number.isInteger(pid) || pid < 2) return '';
  if (process.platform === 'linux') {
    try {
      // An ended process that nobody reaped has an empty command line.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return '';
    }
  }
  const result = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const line = (result.stdout ?? '').trim();
  return line.startsWith('Z') ? '' : line.replace(/^\S+\s+/, '');
}

/** Whether a process of that id runs. */
export function isAlive(pid) {
  return commandOf(pid) !== '';
}
