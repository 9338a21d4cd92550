// Running other programs to their end, without a shell and with a time limit.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

const defaultKeptOutputChars = 20_000;
const endGraceMs = 5_000;
const running = new Map();
let guard = null;

/** From now on the guard also knows of programs that `run` has under way, so that a crash does not leave them behind. */
export function guardRuns(newGuard) {
  guard = newGuard;
  for (const pid of running.keys()) guard.watch(pid, 'TERM');
}

/** Ends every program that `run` has under way and resolves when they have gone, a moment later at the most. */
export async function endRuns() {
  const children = [...running.values()];
  const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.kill('SIGTERM');
  await Promise.race([Promise.all(gone), new Promise((resolve) => setTimeout(resolve, endGraceMs))]);
  for (const child of running.values()) child.kill('SIGKILL');
}

function remember(child) {
  if (!child.pid) return;
  running.set(child.pid, child);
  guard?.watch(child.pid, 'TERM');
}

function forget(child) {
  running.delete(child.pid);
  guard?.forget(child.pid);
}

/**
 * Runs a program and resolves with `{ code, output }`; never rejects: a program that cannot be started has code 127, one that
 * exceeded `timeoutMs` is killed and has code 124. `onLine` sees each line as it comes; `input` is written to its stdin.
 */
export function run(command, args, options = {}) {
  const {
    timeoutMs = 120_000,
    keptOutputChars = defaultKeptOutputChars,
    onLine,
    input,
    env = process.env,
    ...others
  } = options;
  return new Promise((resolve) => {
    let child;
    try {
      child = spawn(command, args, {
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        env,
        ...others,
      });
    } catch (error) {
      resolve({ code: 127, output: String(error) });
      return;
    }
    remember(child);
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-keptOutputChars);
      if (onLine) for (const line of chunk.split('\n')) if (line.trim()) onLine(line.trim());
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', collect);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      forget(child);
      resolve({ code: 127, output: output + error.message });
    });
    child.once('exit', () => forget(child));
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: timedOut ? 124 : (code ?? 1), output });
    });
    if (input !== undefined) {
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    }
  });
}

/** The last lines of a program's output, indented, for an error message. */
export function lastLines(output, count = 8) {
  const lines = output.split('\n').filter((line) => line.trim());
  return lines
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}

/** Whether a path is a file that this process may execute. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Every place on the PATH where a program of that name lies, in the PATH's order. */
export function findOnPath(name, env = process.env) {
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return [...new Set(folders)].map((folder) => path.join(folder, name)).filter(isExecutable);
}
