// What every launcher does at its edges: refuse what cannot work in one sentence, read .env, stop on signals.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { say } from './log.mjs';

const secondSignalAfterMs = 1_500;
const parentCheckMs = 1_000;

/** The environment with the checkout's `.env` behind it: what is set in the environment wins; an empty value counts as not set. */
export function loadEnv(root, env = process.env) {
  const file = path.join(root, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const set = Object.entries({ ...fromFile, ...env }).filter(([, value]) => value !== '' && value !== undefined);
  return Object.fromEntries(set);
}

/** Who started us: our parent and, as npm puts a shell in between, the shell's parent where that can be told cheaply. */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
}

/**
 * Calls `stop(reason)` once on SIGINT, SIGTERM, SIGHUP, an uncaught error, or when npm, which started us, has gone. A second signal
 * calls `force`; not within the first moments, because on Ctrl-C both the terminal and npm send one.
 */
export function onStop(stop, force) {
  let stoppedAt = 0;
  const handle = (reason, error) => {
    if (stoppedAt === 0) {
      stoppedAt = Date.now();
      if (error) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      stop(reason, error);
    } else if (!error && Date.now() - stoppedAt > secondSignalAfterMs) {
      force();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => handle(signal));
  process.on('uncaughtException', (error) => handle('an error of the launcher', error));
  process.on('unhandledRejection', (error) => handle('an error of the launcher', error ?? new Error('unknown')));
  // A closed terminal must not turn the farewell into another error.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (process.env.npm_lifecycle_event) {
    const before = ancestors();
    setInterval(() => ancestors() !== before && handle('npm has gone'), parentCheckMs).unref();
  }
}
