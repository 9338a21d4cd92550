// What happens to Postgres and to who writes into it, by the clock.
import { execFileSync } from 'node:child_process';

const beforeMs = 6_000;
const afterMs = 6_000;
/** Into the time after: the database is killed while it catches up. */
const crashMs = 1_000;

/** `{ endMs, phases, steps: [{ atMs, what }] }`, milliseconds from the beginning of the load. Pure. */
export function planOutage({ awayMs }) {
  const backMs = beforeMs + awayMs;
  const endMs = backMs + afterMs;
  return {
    endMs,
    phases: [
      { name: 'before', startMs: 0, endMs: beforeMs },
      { name: 'Postgres away', startMs: beforeMs, endMs: backMs },
      { name: 'after', startMs: backMs, endMs },
    ],
    steps: [
      { atMs: beforeMs, what: 'freeze' },
      // With a batch in its hands that it has sent, perhaps, and heard nothing of.
      { atMs: beforeMs + Math.round(awayMs / 2), what: 'kill the writer' },
      { atMs: backMs, what: 'thaw' },
      { atMs: backMs + crashMs, what: 'kill Postgres' },
    ],
  };
}

/** The server and all that it has forked: it alone frozen, connections that are open would be served on. */
function treeOf(pid) {
  try {
    const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
    return [pid, ...children.split('\n').filter(Boolean).map(Number)];
  } catch (error) {
    // pgrep ends with 1 where there is none.
    if (error.status === 1) return [pid];
    throw error;
  }
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Takes the steps. `processes` are supervised ones: what is killed is started again by who keeps it alive. */
export async function runOutage({ steps, processes, startedAt, say }) {
  const named = (name) => processes.find((each) => each.name === name);
  const kill = (name) => {
    // Its death is our doing and not a failure of its own: it is started again at once.
    named(name).announceRestarts();
    named(name).kill();
  };
  let frozen = [];
  const acts = {
    freeze: () => {
      frozen = treeOf(named('postgres').pid());
      signal(frozen, 'SIGSTOP');
    },
    thaw: () => signal(frozen, 'SIGCONT'),
    'kill the writer': () => kill('cost-attribution'),
    'kill Postgres': () => kill('postgres'),
  };
  try {
    for (const { atMs, what } of steps) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + atMs - performance.now())));
      acts[what]();
      say(`  ${(atMs / 1_000).toFixed(1)} s: ${what}`);
    }
  } finally {
    signal(frozen, 'SIGCONT');
  }
}
