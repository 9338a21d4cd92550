// One process that is kept alive: started, watched, started again with back-off when it dies, stopped in order.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { countFailures, restartDelayMs } from './backoff.mjs';
import { say } from './log.mjs';

// Beyond the 30 s after which services end themselves: what they have begun has its time, and nothing is killed but what hangs.
const stopGraceMs = 33_000;

/** How a process ended, for people: `was killed by SIGKILL`, `ended with code 1`. */
export function describeExit(code, signal) {
  return signal ? `was killed by ${signal}` : `ended with code ${code}`;
}

function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

/**
 * Starts `spec` = `{ name, command, args, env, cwd, uid, gid, logFile, stopSignal ('SIGTERM'), isQuietUntilReady }` and keeps it running.
 * `deps` = `{ guard, onChange, isClosing }`; `onChange` is called whenever a process id changes. Each child leads a process group of its own, so
 * that Ctrl-C reaches the launcher alone, which then stops things in order.
 */
export function supervise(spec, deps) {
  const { guard, onChange = () => undefined } = deps;
  if (deps.isClosing) throw new Error('stopped while it was starting');
  const stopSignal = spec.stopSignal ?? 'SIGTERM';
  const state = {
    child: null,
    restarts: 0,
    failures: 0,
    isStopping: false,
    timer: null,
    lastExit: null,
    isQuiet: spec.isQuietUntilReady === true,
  };
  let exited = Promise.resolve();

  const start = () => {
    state.timer = null;
    const log = openSync(spec.logFile, 'a', 0o600);
    const startedAt = Date.now();
    const child = spawn(spec.command, spec.args, {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: spec.cwd,
      env: spec.env,
      ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    });
    closeSync(log);
    state.child = child;
    if (child.pid) guard.watch(child.pid, stopSignal.slice(3));
    exited = new Promise((resolve) => {
      let isOver = false;
      const over = (code, signal, error) => {
        if (isOver) return;
        isOver = true;
        if (child.pid) guard.forget(child.pid);
        state.child = null;
        state.lastExit = error ? `could not be started (${error.message})` : describeExit(code, signal);
        resolve();
        afterExit(Date.now() - startedAt);
      };
      child.once('error', (error) => over(null, null, error));
      child.once('exit', (code, signal) => over(code, signal));
    });
    onChange();
  };

  const afterExit = (livedMs) => {
    if (state.isStopping) return;
    state.failures = countFailures(state.failures, livedMs);
    const delayMs = restartDelayMs(state.failures);
    if (!state.isQuiet) {
      say(`  ! ${spec.name} ${state.lastExit}; starting it again in ${delayMs / 1000} s (log: ${spec.logFile})`);
    }
    state.timer = setTimeout(() => {
      state.restarts += 1;
      start();
    }, delayMs);
    onChange();
  };

  const stop = async (graceMs = stopGraceMs) => {
    state.isStopping = true;
    clearTimeout(state.timer);
    const child = state.child;
    if (child?.pid) {
      signalProcess(child.pid, stopSignal);
      // A process frozen with SIGSTOP would otherwise never see it.
      signalProcess(child.pid, 'SIGCONT');
      const killer = setTimeout(() => {
        say(`  ! ${spec.name} did not stop within ${graceMs / 1000} s; killing it`);
        signalProcess(child.pid, 'SIGKILL');
      }, graceMs);
      await exited;
      clearTimeout(killer);
    }
    onChange();
  };

  start();
  return {
    name: spec.name,
    spec,
    stop,
    /** Ends it and starts it again at once, without counting as a failure; for a program that was built anew. */
    async restart() {
      await stop();
      state.isStopping = false;
      state.failures = 0;
      start();
    },
    /** It has been ready once: from now on a death is worth a line. */
    announceRestarts() {
      state.isQuiet = false;
      state.failures = 0;
      state.restarts = 0;
    },
    kill: () => state.child?.pid && signalProcess(state.child.pid, 'SIGKILL'),
    pid: () => state.child?.pid ?? null,
    restarts: () => state.restarts,
    failures: () => state.failures,
    lastExit: () => state.lastExit,
  };
}
