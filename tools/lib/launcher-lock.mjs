// One launcher per data folder. The lock also records what was started, so that a start after a crash can clear what is left of it.
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, isAlive, readJson, writePrivately } from './data-dir.mjs';
import { say } from './log.mjs';
import { waitUntil } from './start-verified.mjs';

const leftoverTimeoutMs = 20_000;
/** How the programs that may hold the lock are called; a process of any other name has taken over a dead one's id. */
const holderPattern = /(start|services|dev|test|bench)[^/ ]*\.mjs/;

/** The launcher that holds the folder right now as `{ pid, portBase, startedAt }`, or null. */
export function lockHolder(dataDir) {
  const lock = readJson(path.join(dataDir, 'launcher.lock'));
  return lock && lock.pid !== process.pid && holderPattern.test(commandOf(lock.pid)) ? lock : null;
}

function tryCreate(file, text) {
  // Written aside and linked: the lock appears whole, and only if there is none.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Ends what a crashed launcher left running: its guard does that, this waits for it and does it where the guard was killed too. */
async function clearLeftovers(dataDir, guardPid) {
  const isGuarding = () => /guard\.sh/.test(commandOf(guardPid));
  if (isGuarding()) {
    say('  An earlier run ended without notice; waiting until what it started has stopped');
    await waitUntil(() => !isGuarding(), { timeoutMs: leftoverTimeoutMs });
  }
  const left = (readJson(path.join(dataDir, 'run.json'))?.processes ?? []).filter(
    ({ pid, command }) => command && isAlive(pid) && commandOf(pid).includes(command),
  );
  for (const { name, pid, signal } of left.reverse()) {
    say(`  Stopping ${name} of an earlier run (process ${pid})`);
    process.kill(pid, signal);
    process.kill(pid, 'SIGCONT');
    const isGone = await waitUntil(() => !isAlive(pid), { timeoutMs: leftoverTimeoutMs });
    if (!isGone) process.kill(pid, 'SIGKILL');
  }
}

/**
 * Takes the lock or throws one sentence that says who holds it. Resolves with a function that gives it back.
 * `about` = `{ portBase, guardPid }` is kept in it for others to read.
 */
export async function takeLock(dataDir, about) {
  const file = path.join(dataDir, 'launcher.lock');
  const text = JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString(), ...about });
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (tryCreate(file, text)) return () => rmSync(file, { force: true });
    const holder = lockHolder(dataDir);
    if (holder) {
      throw new Error(
        `Costlane already runs from this checkout (process ${holder.pid}, started ${holder.startedAt}). Stop it first, ` +
          'or give the second one its own COSTLANE_DATA_DIR and COSTLANE_PORT_BASE.',
      );
    }
    await clearLeftovers(dataDir, readJson(file)?.guardPid);
    rmSync(file, { force: true });
  }
  throw new Error(`The lock ${file} could not be taken: another start seems to be under way.`);
}

/** Writes which processes run, with their ids, ports and logs, for tests, for `doctor` and for the start after a crash. */
export function writeRunFile(dataDir, state) {
  writePrivately(path.join(dataDir, 'run.json'), `${JSON.stringify(state, null, 2)}\n`);
}
