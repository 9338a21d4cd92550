// `npm run bench -- headline`: the workload that the product is measured by, against a client that asks the best model for everything.
// Options: --seconds N (60)  --rate N (890)  --seed N (1)  --only naive,open,burst,limit  --pairs FILE  --write (renews the figures in bench/README.md)
// With --pairs a fifth of the requests are questions of labelled pairs (JSON lines with a, b, same).
import os from 'node:os';
import { readClusters } from './headline/labelled.mjs';
import { startLoadClient } from './headline/load-client.mjs';
import { compareCost, doubtsOf, findLimit, runBurst, runNaive, runOpen, warmUp } from './headline/phases.mjs';
import { renderHeadline } from './headline/report.mjs';
import { startSystem } from './headline/system.mjs';
import { ceilingOf, createWorkload } from './headline/workload.mjs';

const phases = ['naive', 'open', 'burst', 'limit'];

function settingsOf({ seconds, rate, seed, only, pairs }) {
  const wanted = only?.split(',') ?? phases;
  const unknown = wanted.find((name) => !phases.includes(name));
  if (unknown !== undefined) throw new Error(`--only has to be some of ${phases.join(', ')}, not "${unknown}"`);
  const whole = (name, value, least) => {
    if (!Number.isInteger(value) || value < least) throw new Error(`--${name} has to be a whole number from ${least}`);
    return value;
  };
  return {
    seconds: whole('seconds', Number(seconds ?? 60), 5),
    ratePerSecond: whole('rate', Number(rate ?? 890), 1),
    seed: whole('seed', Number(seed ?? 1), 0),
    pairs,
    wants: (name) => wanted.includes(name),
  };
}

async function runPhases(parts, { seconds, ratePerSecond, wants }) {
  const { seed, pairs } = parts;
  const run = {};
  const say = (text) => process.stdout.write(`${text}\n`);
  const told = (name, { sent, answered, failed, errors, tiers, wrong, wrongExamples, hits, all, self }) =>
    say(JSON.stringify({ phase: name, sent, answered, failed, errors, tiers, wrong, wrongExamples, hits, all, self }));
  say(`Warming up (seed ${seed + 1_000})`);
  await warmUp(parts);
  if (wants('naive')) {
    run.naive = await runNaive({ ...parts, seconds: Math.max(5, Math.round(seconds / 3)) });
    told('naive', run.naive);
  }
  if (wants('open')) {
    run.open = await runOpen({ ...parts, seconds, ratePerSecond });
    told('open', run.open);
    run.cost = await compareCost({ seed, pairs, open: run.open });
    const workload = createWorkload({ seed, labelled: readClusters(pairs) });
    run.ceiling = ceilingOf(Array.from({ length: run.open.sent }, () => workload.next()));
  }
  if (wants('burst')) {
    run.burst = await runBurst(parts);
    told('burst', run.burst);
  }
  if (wants('limit')) {
    const step = ({ ratePerSecond: rate, hits, failed, isSustained, ...rest }) =>
      say(JSON.stringify({ phase: 'limit', rate, hits, failed, isSustained, doubts: doubtsOf(rest) }));
    run.limit = await findLimit({
      ...parts,
      startPerSecond: ratePerSecond,
      seconds: Math.min(8, seconds),
      onStep: step,
    });
  }
  return run;
}

/** Measures and gives the figures as Markdown. */
export async function measureHeadline(options) {
  const settings = settingsOf(options);
  const { seed, seconds, pairs } = settings;
  const system = await startSystem();
  const client = startLoadClient();
  system.atEnd(() => client.stop());
  try {
    const run = await runPhases({ system, client, seed, pairs }, settings);
    const machine = `${os.cpus().length} cores, ${os.cpus()[0]?.model.trim()}, Node ${process.version}`;
    return renderHeadline({ ...run, seed, seconds, machine, restarts: system.restarts(), tuned: system.tuned });
  } finally {
    await system.stop();
  }
}
