// Which account runs Postgres (it refuses root) and which folder that account can really use.
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writePrivately } from './data-dir.mjs';
import { run } from './run.mjs';

const recordName = 'postgres-place';
const elsewherePrefix = 'costlane-postgres-';
const unprivileged = ['postgres', 'nobody'];

/** `{}` for an ordinary user; as root `{ uid, gid }` of the account that runs Postgres instead. Throws one sentence when there is none. */
export async function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  for (const name of unprivileged) {
    const [user, group] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    if (user.code === 0 && group.code === 0) return { uid: Number(user.output), gid: Number(group.output) };
  }
  throw new Error(
    'Postgres refuses to run as root and there is neither a postgres nor a nobody account: start as an ordinary user.',
  );
}

/** Whether the account can create files in the folder; tried, not deduced from modes. */
async function canUse(folder, account) {
  const script = 'cd "$1" && touch .probe && rm .probe';
  const { code } = await run('/bin/sh', ['-c', script, 'sh', folder], { cwd: '/', ...account });
  return code === 0;
}

function give(folder, account) {
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid);
}

function recordedPlace(record) {
  try {
    return readFileSync(record, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Removes a throwaway data folder and, with it, the cluster that had to go elsewhere. */
export function removeDataDir(dataDir) {
  const elsewhere = recordedPlace(path.join(dataDir, recordName));
  if (path.basename(elsewhere).startsWith(elsewherePrefix)) rmSync(elsewhere, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

/**
 * The folder for the cluster: `postgres` in the data folder, or, where the account cannot reach it, one of its own in /var/tmp that is
 * recorded in the data folder so that the next start finds it.
 */
export async function serverPlace(dataDir, account) {
  const place = path.join(dataDir, 'postgres');
  const record = path.join(dataDir, recordName);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  give(place, account);
  if (await canUse(place, account)) return place;
  const recorded = recordedPlace(record);
  if (recorded && (await canUse(recorded, account))) return recorded;
  for (const parent of ['/var/tmp', tmpdir()]) {
    let own;
    try {
      own = mkdtempSync(path.join(parent, elsewherePrefix));
      give(own, account);
    } catch {
      continue;
    }
    if (await canUse(own, account)) {
      writePrivately(record, `${own}\n`);
      return own;
    }
    rmSync(own, { recursive: true, force: true });
  }
  throw new Error(
    `The account that runs Postgres can use neither ${place} nor /var/tmp: set COSTLANE_DATA_DIR to a folder it can reach.`,
  );
}
