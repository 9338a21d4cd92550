// The load generator, a process of its own: it draws the workload, sends it, and measures itself. The bench sends it one phase after the other.
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { openConnections, postBytes } from './connections.mjs';
import { readClusters } from './labelled.mjs';
import { createOutcomes } from './outcomes.mjs';
import { createRandom, exponentialMs } from './random.mjs';
import { bodyOf, createWorkload } from './workload.mjs';

const chatPath = '/v1/chat/completions';
/** Longer than the gateway gives a request. */
const patienceMs = 150_000;
const ticksMs = 1;
const sequences = new Map();

/** Phases that name the same seed go on in one sequence, unless they begin it anew. */
function sequenceOf({ seed, isAnew, pairs }) {
  if (isAnew || !sequences.has(seed)) sequences.set(seed, createWorkload({ seed, labelled: readClusters(pairs) }));
  return sequences.get(seed);
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The generator's own condition: how late it sent, how long its loop stood still, how much CPU it took. */
function watchSelf() {
  const lateness = createHistogram();
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  return {
    sentLate: (ms) => lateness.record(Math.max(1, Math.round(ms * 1_000))),
    figures() {
      loop.disable();
      const { user, system } = process.cpuUsage(cpu);
      const ms = (histogram, share, unit) => (histogram.count > 0 ? histogram.percentile(share) / unit : 0);
      return {
        cpuShare: (user + system) / 1_000 / (performance.now() - startedAt),
        cpuSeconds: (user + system) / 1e6,
        lateP50Ms: ms(lateness, 50, 1_000),
        lateP99Ms: ms(lateness, 99, 1_000),
        lateMaxMs: lateness.count > 0 ? lateness.max / 1_000 : 0,
        loopP99Ms: ms(loop, 99, 1e6),
      };
    },
  };
}

async function openPhase(job) {
  const sequence = sequenceOf(job);
  const pool = await openConnections(job);
  const { host } = new URL(job.url);
  const outcomes = createOutcomes();
  const self = watchSelf();
  let [sent, ended, inFlight, mostInFlight, lastEndAt] = [0, 0, 0, 0, 0];
  const ask = (scheduledAt, { isCounted = true, onEnd = () => undefined, onResult } = {}) => {
    const request = sequence.next();
    const bytes = postBytes(chatPath, host, bodyOf(request, job.model, job.isWarmUp));
    sent += 1;
    inFlight += 1;
    if (inFlight > mostInFlight) mostInFlight = inFlight;
    const done = (result) => {
      if (onResult?.(result, () => pool.send(bytes, done))) return;
      const now = performance.now();
      inFlight -= 1;
      ended += 1;
      lastEndAt = now;
      if (isCounted) outcomes.answered({ request, result, latencyMs: now - scheduledAt });
      if (job.readsUsage && result.status === 200) outcomes.countUsage(result.body);
      onEnd();
    };
    pool.send(bytes, done);
  };
  return {
    ask,
    self,
    unanswered: () => sent - ended,
    answered: () => ended,
    async drained() {
      const until = performance.now() + patienceMs;
      while (ended < sent && performance.now() < until) await wait(20);
    },
    async close(startedAt, more = {}) {
      const figures = {
        sent,
        unanswered: sent - ended,
        seconds: (lastEndAt - startedAt) / 1_000,
        mostInFlight,
        waitedForConnection: pool.queued(),
        brokenConnections: pool.broken(),
        self: self.figures(),
        ...outcomes.figures(),
        ...more,
      };
      pool.close();
      return figures;
    },
  };
}

/** Requests come by themselves, whatever has become of those before: latency counts from when one should have been sent. */
async function openLoop(job) {
  const phase = await openPhase(job);
  const random = createRandom(job.seed ^ 0x5bd1e995);
  const startedAt = performance.now();
  const endsAt = startedAt + job.seconds * 1_000;
  const countsFrom = startedAt + (job.settleSeconds ?? 0) * 1_000;
  let dueAt = startedAt + exponentialMs(job.ratePerSecond, random);
  while (dueAt < endsAt) {
    const now = performance.now();
    while (dueAt <= now && dueAt < endsAt) {
      phase.self.sentLate(performance.now() - dueAt);
      phase.ask(dueAt, { isCounted: dueAt >= countsFrom });
      dueAt += exponentialMs(job.ratePerSecond, random);
    }
    await wait(ticksMs);
  }
  const inFlightAtEnd = phase.unanswered();
  const answeredInTime = phase.answered();
  await phase.drained();
  return phase.close(startedAt, { inFlightAtEnd, answeredPerSecond: answeredInTime / job.seconds });
}

/** Each connection asks again as soon as it has its answer. */
async function closedLoop(job) {
  const phase = await openPhase(job);
  const startedAt = performance.now();
  const endsAt = startedAt + (job.seconds ?? Infinity) * 1_000;
  let left = job.requests ?? Infinity;
  const again = () => {
    if (left <= 0 || performance.now() >= endsAt) return;
    left -= 1;
    phase.ask(performance.now(), { onEnd: again });
  };
  for (let at = 0; at < job.connections; at += 1) again();
  await wait(Math.min(job.seconds ?? 0, 3_600) * 1_000);
  while (left > 0 && performance.now() < endsAt) await wait(20);
  const answeredPerSecond = (phase.answered() * 1_000) / (performance.now() - startedAt);
  await phase.drained();
  return phase.close(startedAt, { answeredPerSecond });
}

/** All at once. Who is told to come back later does so when it was told to. */
async function burst(job) {
  const phase = await openPhase(job);
  const refusals = { told: 0, withoutHint: 0, askedAgain: 0 };
  const onResult = (result, resend) => {
    if (result.status !== 429 && result.status !== 503) return false;
    refusals.told += 1;
    const hint = Number(result.header('retry-after'));
    if (!(hint >= 0)) {
      refusals.withoutHint += 1;
      return false;
    }
    refusals.askedAgain += 1;
    setTimeout(resend, hint * 1_000);
    return true;
  };
  const startedAt = performance.now();
  for (let at = 0; at < job.requests; at += 1) phase.ask(startedAt, { onResult });
  const sendingMs = performance.now() - startedAt;
  await phase.drained();
  return phase.close(startedAt, { refusals, sendingMs });
}

const kinds = { openLoop, closedLoop, burst };

process.on('message', (job) => {
  kinds[job.kind](job).then(
    (figures) => process.send({ figures }),
    (error) => process.send({ error: error.stack ?? String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
