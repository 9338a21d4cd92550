// Who is killed when.
import { createRandom } from '../random.mjs';

/** Batchers and workers, at random. */
export const victims = ['batcher', 'batcher-2', 'provider-worker', 'provider-worker-2'];
const firstMs = 2_000;
const leastGapMs = 2_000;
const mostGapMs = 6_000;
/** Once each: what all of them stand on, and the one that clients are connected to. */
const once = [
  ['redis', 1 / 3],
  ['gateway', 2 / 3],
];

/** `[{ atMs, name }]`, in order; the same for a seed. */
export function planKills({ seconds, seed }) {
  const random = createRandom(seed);
  const endMs = seconds * 1_000;
  const kills = once.map(([name, share]) => ({ atMs: Math.round(endMs * share), name }));
  for (let atMs = firstMs; atMs < endMs; atMs += leastGapMs + random.next() * (mostGapMs - leastGapMs))
    kills.push({ atMs: Math.round(atMs), name: random.pick(victims) });
  return kills.sort((a, b) => a.atMs - b.atMs);
}

/** Kills by the clock. Gives how often whom; one that is down already is passed over. */
export async function killByPlan({ kills, processes, startedAt, say }) {
  const counts = {};
  for (const { atMs, name } of kills) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + atMs - performance.now())));
    const process = processes.find((each) => each.name === name);
    if (!process?.pid()) continue;
    // Its death is our doing and not a failure of its own: it is started again at once.
    process.announceRestarts();
    process.kill();
    counts[name] = (counts[name] ?? 0) + 1;
    say(`  ${(atMs / 1_000).toFixed(1)} s: killed ${name}`);
  }
  return counts;
}
