// Three mock providers, each a process of its own, that fail as they are told.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { faults } from './schedule.mjs';

/** How they answer while they are well: about as fast as a quick model begins. */
const usual = { latencyP50Ms: 40, latencyP95Ms: 120, chunkIntervalMs: 2 };
const startTimeoutMs = 10_000;
const drainTimeoutMs = 1_000;

/** Starts the mock on a port; `bundle` is its program, `models` are those that it lists. */
export async function startProvider({ name, bundle, port, models }) {
  const url = `http://127.0.0.1:${port}`;
  let child;
  let calls = 0;
  let answered = 0;

  const start = async () => {
    child = spawn(process.execPath, [bundle], {
      env: { PATH: process.env.PATH, MOCK_LLM_PORT: String(port), MOCK_LLM_MODELS: models.join(',') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const deadline = Date.now() + startTimeoutMs;
    while (
      !(await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline) throw new Error(`the mock that plays ${name} did not start on port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const tell = async (behaviour) => {
    const response = await fetch(`${url}/mock/behaviour`, {
      method: 'PUT',
      body: JSON.stringify({ ...usual, ...behaviour }),
    });
    if (!response.ok) throw new Error(`the mock that plays ${name} refused its part: ${await response.text()}`);
  };
  /** An answer that has begun cannot be given by another: those under way are let end, nothing new is taken. */
  const drain = async () => {
    await tell({ status: 503 });
    const deadline = Date.now() + drainTimeoutMs;
    while ((await (await fetch(`${url}/mock/stats`)).json()).inFlight > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const stop = async () => {
    const stopped = child;
    child = undefined;
    if (!stopped || stopped.exitCode !== null) return;
    const ended = once(stopped, 'exit');
    stopped.kill('SIGKILL');
    await ended;
  };
  /** Its counts end with it. */
  const count = async () => {
    if (!child) return;
    const stats = await (await fetch(`${url}/mock/stats`)).json();
    calls += stats.totalCalls;
    answered += stats.callsByStatus['200'] ?? 0;
    await fetch(`${url}/mock/stats/reset`, { method: 'POST' });
  };

  await start();
  const provider = {
    name,
    url,
    /** Undefined: it is well. */
    async become(faultName) {
      const fault = faultName === undefined ? {} : faults[faultName];
      if (fault.isGone) {
        if (!child) return;
        await drain();
        await count();
        await stop();
        return;
      }
      if (!child) await start();
      await tell(fault.behaviour);
    },
    /** Calls that came, and those answered with status 200. */
    async counts() {
      await count();
      return { calls, answered };
    },
    stop,
    kill: () => child?.kill('SIGKILL'),
  };
  await provider.become(undefined);
  return provider;
}
