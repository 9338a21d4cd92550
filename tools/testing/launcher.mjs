// Starts a launcher as a user would, as a process of its own, for tests to look at from outside.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const pollMs = 25;

/** Waits until `condition()` gives something truthy and returns it; throws `describe()` when `timeoutMs` pass before. */
export async function eventually(condition, timeoutMs, describe = () => 'the condition did not come true') {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`${describe()} (after ${timeoutMs} ms)`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Whether a process runs; one that ended and was not reaped does not. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts `node <script>` with `env` on top of this process' environment. */
export function startLauncher(script, env) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  let end = null;
  void ended.then((result) => (end = result));
  const runFile = path.join(env.COSTLANE_DATA_DIR, 'run.json');
  return {
    pid: child.pid,
    ended,
    output: () => output,
    kill: (signal) => child.kill(signal),
    /** Waits until the output matches. Fails at once when the launcher ends before. */
    async says(pattern, timeoutMs) {
      await eventually(
        () => {
          if (pattern.test(output)) return true;
          if (end) throw new Error(`the launcher ended before it said ${pattern}:\n${output}`);
          return false;
        },
        timeoutMs,
        () => `the launcher did not say ${pattern}:\n${output}`,
      );
    },
    run: () => JSON.parse(readFileSync(runFile, 'utf8')),
    process(name) {
      return this.run().processes.find((one) => one.name === name);
    },
    pids() {
      const { processes, guardPid } = this.run();
      return [...processes.map(({ pid }) => pid).filter(Boolean), guardPid];
    },
  };
}
