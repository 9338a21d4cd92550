import { placesFor, readTrace } from './trace.mjs';

const isSame = (a, b) => a.meaning === b.meaning;

/** What a workload ends in, without a batcher (first come, first served) and with one. */
export function compare(library, options) {
  const workload = options.trace === undefined ? syntheticOf(library, options) : traceOf(library, options);
  const runs = [
    { scheduler: 'none', run: runOf(library, workload, library.createFifoScheduler()) },
    { scheduler: 'batcher', run: runOf(library, workload, batchersOf(library, options), options.retries) },
  ];
  const [none, batcher] = runs.map(({ run }) => costById(run));
  const common = [...none.keys()].filter((id) => batcher.has(id));
  const rows = runs.map(({ scheduler, run }, index) => ({
    scheduler,
    ...summaryOf(library, workload, run),
    commonAnswers: common.length,
    commonCostUsd: common.reduce((sum, id) => sum + [none, batcher][index].get(id), 0),
  }));
  const flood =
    options.trace === undefined && options.synthetic === 'flood' ? floodOf(library, options, runs) : undefined;
  const { works, provider } = workload;
  return { offered: works.length, spanMs: works.at(-1)?.arrivedAtMs ?? 0, provider, rows, flood };
}

function batchersOf(library, { seed, batchers }) {
  const one = (_, at) => library.createBatchScheduler({ random: library.seededRandom(seed + at).next, isSame });
  return Array.from({ length: batchers }, one);
}

function runOf(library, { works, provider, target }, scheduler, retries = 0) {
  return library.simulateBatcher({ works, providers: { [target]: provider }, scheduler, retries });
}

function syntheticOf(library, { synthetic, seed, count = 12_000, places }, isCalm = false) {
  return library.makeScenario({ name: synthetic, seed, count, places, isCalm });
}

function traceOf(library, { trace, seed, count, places, load }) {
  const arrivals = readTrace(trace).slice(0, count);
  const provider = { ...library.defaultProvider, places: places ?? placesFor(library, arrivals, load) };
  const target = 'mock/small';
  return {
    target,
    provider,
    works: library.populate(arrivals, { seed, target, provider, population: { prefixes: 0 } }),
  };
}

/** What each answer cost; a shared call is paid by all that it answers alike. */
function costById({ calls }) {
  return new Map(calls.flatMap(({ works, costUsd }) => works.map(({ id }) => [id, costUsd / works.length])));
}

function summaryOf(library, { works }, run) {
  const summary = library.summariseRun(run);
  const endMs = works.at(-1)?.arrivedAtMs ?? 0;
  return {
    ...summary,
    /** Before the last arrival: what comes after is a queue that drains. */
    callsInTime: run.calls.filter(({ startedAtMs }) => startedAtMs <= endMs).length,
    sharedCalls: summary.answered - summary.calls,
    longestStream: run.longestStream,
    tries: run.outcomes.reduce((sum, { tries }) => sum + tries, 0),
  };
}

/** The other tenants' latency in the middle third, with and without the flood. */
function floodOf(library, options, runs) {
  const calm = syntheticOf(library, options, true);
  const endMs = calm.works.at(-1)?.arrivedAtMs ?? 0;
  const isOther = ({ work }) =>
    work.tenantId !== library.floodTenant && work.arrivedAtMs > endMs / 3 && work.arrivedAtMs < (2 * endMs) / 3;
  const figuresOf = (run) => {
    const others = run.outcomes.filter(isOther);
    const answered = others.filter(({ ending }) => ending === 'answered').map(({ latencyMs }) => latencyMs);
    return {
      offered: others.length,
      unanswered: others.length - answered.length,
      p95Ms: library.quantile(answered, 0.95),
    };
  };
  const calmRuns = [library.createFifoScheduler(), batchersOf(library, options)].map((scheduler) =>
    runOf(library, calm, scheduler, options.retries),
  );
  return runs.map(({ scheduler, run }, index) => ({
    scheduler,
    calm: figuresOf(calmRuns[index]),
    flooded: figuresOf(run),
  }));
}
