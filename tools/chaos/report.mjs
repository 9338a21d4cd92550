// Figures of a run, from how its requests ended.
import { renderRows } from '../prefix-replay/render-rows.mjs';

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const rounded = (value) => Math.round(value * 10) / 10;

/** Share answered, latencies and what came before the answers, of some requests. Pure. */
export function figuresOf(endings) {
  const latencies = endings.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const answered = endings.filter(({ isAnswered }) => isAnswered);
  const stepsOf = ({ route }) => route.split(' > ').length - 1;
  return {
    requests: endings.length,
    answered: answered.length,
    share: endings.length === 0 ? 1 : answered.length / endings.length,
    p50Ms: rounded(percentile(latencies, 0.5)),
    p95Ms: rounded(percentile(latencies, 0.95)),
    p99Ms: rounded(percentile(latencies, 0.99)),
    maxMs: rounded(latencies.at(-1) ?? 0),
    withSteps: answered.filter((ending) => stepsOf(ending) > 0).length,
    steps: answered.reduce((sum, ending) => sum + stepsOf(ending), 0),
  };
}

/** How often each thing happened, the most frequent first. */
export function countsOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

/** Everything that is told of a run; `isGood` decides its exit code. */
export function summarize({ settings, phases, endings, ledger, counters, providers }) {
  const failed = endings.filter(({ isAnswered }) => !isAnswered);
  const unclear = failed.filter(
    ({ isClearFailure, latencyMs }) => !isClearFailure || latencyMs > settings.deadlineMs + 1_000,
  );
  const whole = figuresOf(endings);
  const isComplete = ledger.missing === 0 && ledger.twice === 0 && ledger.differing === 0;
  return {
    isGood: whole.share >= settings.goal && unclear.length === 0 && isComplete,
    settings,
    whole,
    byKind: ['simple', 'moderate', 'complex'].map((kind) => ({
      kind,
      ...figuresOf(endings.filter((ending) => ending.kind === kind)),
    })),
    phases: phases.map((phase) => ({
      ...phase,
      ...figuresOf(endings.filter(({ atMs }) => atMs >= phase.startMs && atMs < phase.endMs)),
    })),
    failures: countsOf(
      failed.map(({ status, code, isStream }) => `${isStream ? 'stream' : 'document'} ${status} ${code}`),
    ),
    unclear: unclear.length,
    failedRequests: failed
      .slice(0, 50)
      .map(({ requestId, atMs, latencyMs, status, code, route, kind, isStream, priority }) => {
        const tried = ledger.triedBy?.[requestId];
        return {
          tried,
          atMs: rounded(atMs),
          latencyMs: rounded(latencyMs),
          status,
          code,
          route,
          kind,
          isStream,
          priority,
        };
      }),
    models: countsOf(endings.map(({ model }) => model ?? 'none')),
    steps: countsOf(endings.flatMap(({ route }) => route.split(' > ').slice(1))),
    ledger,
    counters,
    providers,
  };
}

const percent = (share) => `${(share * 100).toFixed(3)} %`;

const rowOf = (name, { requests, share, p50Ms, p95Ms, p99Ms, maxMs, withSteps }) => ({
  '': name,
  requests,
  answered: percent(share),
  'p50 ms': p50Ms,
  'p95 ms': p95Ms,
  'p99 ms': p99Ms,
  'max ms': maxMs,
  'after others failed': withSteps,
});

const describe = ({ name, startMs, endMs, failing }) => {
  const how = Object.entries(failing).map(([provider, fault]) => `${provider}: ${fault}`);
  return `${(startMs / 1_000).toFixed(0)}-${(endMs / 1_000).toFixed(0)} s ${name}${how.length > 0 ? ` (${how.join(', ')})` : ''}`;
};

const listed = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(', ') || 'none';

/** The tables for a terminal. */
export function renderText(summary) {
  const { settings, whole, byKind, phases, failures, unclear, steps, models, ledger, counters, providers, isGood } =
    summary;
  return [
    `${settings.seconds} s, ${settings.clients} clients, deadline ${settings.deadlineMs} ms, seed ${settings.seed}`,
    '',
    renderRows([
      rowOf('all', whole),
      ...byKind.map((row) => rowOf(row.kind, row)),
      ...phases.map((row) => rowOf(describe(row), row)),
    ]),
    '',
    `failures: ${listed(failures)}; ${unclear} of them not in good order or not in time`,
    `why others were asked: ${listed(steps)}`,
    `models: ${listed(models)}`,
    `worker: ${listed(counters)}`,
    `providers: ${providers.map(({ name, calls, answered }) => `${name} ${calls} calls, ${answered} answered`).join('; ')}`,
    `ledger: ${ledger.records} records, ${ledger.missing} missing, ${ledger.twice} twice, ${ledger.differing} with other costs than clients were told; ` +
      `${ledger.upstreamCalls} calls, ${ledger.otherCalls} of them beside the answer's own model, $${Number(ledger.paidNanoUsd) / 1e9} paid`,
    isGood
      ? `The goal of ${percent(settings.goal)} is reached.`
      : `The goal of ${percent(settings.goal)} is MISSED, or the books do not add up.`,
  ].join('\n');
}
