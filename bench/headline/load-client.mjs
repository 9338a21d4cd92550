// The load generator as the bench sees it: a child process that does one phase after the other.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds } from '../processes.mjs';

/** `run(job)` gives the figures of a phase; rejects with the generator's words when it could not be done. */
export function startLoadClient() {
  const child = fork(fileURLToPath(new URL('./load-process.mjs', import.meta.url)), {
    execArgv: ['--max-semi-space-size=32'],
  });
  let settle;
  child.on('message', ({ figures, error }) => (error ? settle.reject(new Error(error)) : settle.resolve(figures)));
  child.on('exit', (code, signal) => settle?.reject(new Error(`the load generator ended (${signal ?? code})`)));
  return {
    pid: child.pid,
    cpuSeconds: () => cpuMicroseconds(child.pid) / 1e6,
    run: (job) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        child.send(job);
      }),
    stop: () => child.kill(),
  };
}
