// The launcher's end of the pipe to guard.sh, which ends everything that the launcher started should the launcher itself die.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'guard.sh');

/** Starts the guard. It is started again when it is killed, and then told again what runs. */
export function startGuard() {
  const running = new Map();
  const commands = new Set();
  let child = null;
  let isReleased = false;

  const tell = (line) => child?.stdin.write(`${line}\n`);
  const start = () => {
    child = spawn('/bin/sh', [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    child.once('exit', () => {
      if (!isReleased) setTimeout(start, 200).unref();
    });
    child.unref();
    child.stdin.unref?.();
    for (const [pid, signal] of running) tell(`+ ${pid} ${signal}`);
    for (const command of commands) tell(`c ${command}`);
  };
  start();

  return {
    pid: () => child.pid,
    /** `signal` without SIG: what the process takes as the request to end well. */
    watch(pid, signal) {
      running.set(pid, signal);
      tell(`+ ${pid} ${signal}`);
    },
    forget(pid) {
      if (running.delete(pid)) tell(`- ${pid}`);
    },
    /** Registers a shell command that the guard runs after everything else has ended. */
    atEnd(command) {
      commands.add(command);
      tell(`c ${command}`);
    },
    /** Everything was stopped in an orderly way: the guard ends without doing anything. */
    release() {
      isReleased = true;
      tell('q');
      child.stdin.end();
    },
  };
}
