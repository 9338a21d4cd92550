// Figures of a run, from how its requests ended and what the books say.
import { renderRows } from '../../prefix-replay/render-rows.mjs';
import { figuresOf } from '../report.mjs';

/** Everything that is told of a run; `isGood` decides its exit code. Pure. */
export function summarize({ settings, phases, endings, ledger, check, catchUpMs }) {
  const isComplete = ledger.missing === 0 && ledger.twice === 0 && ledger.differing === 0;
  const isEntered = check.entered_nano_usd === check.paid_nano_usd && check.entry_differences.count === 0;
  return {
    isGood: isComplete && isEntered && check.is_balanced && ledger.records > 0,
    settings,
    whole: figuresOf(endings),
    phases: phases.map((phase) => ({
      ...phase,
      ...figuresOf(endings.filter(({ atMs }) => atMs >= phase.startMs && atMs < phase.endMs)),
    })),
    ledger,
    check,
    catchUpMs: Math.round(catchUpMs),
  };
}

const dollars = (nanoUsd) => `$${(Number(nanoUsd) / 1e9).toFixed(9)}`;
const rowOf = (name, { requests, answered, p50Ms, p99Ms }) => ({
  '': name,
  requests,
  answered,
  'p50 ms': p50Ms,
  'p99 ms': p99Ms,
});

/** The text for a terminal. */
export function renderText({ settings, whole, phases, ledger, check, catchUpMs, isGood }) {
  return [
    `${settings.clients} clients, Postgres away for ${settings.awayMs / 1_000} s, its writer killed meanwhile, Postgres killed afterwards; seed ${settings.seed}`,
    '',
    renderRows([rowOf('all', whole), ...phases.map((phase) => rowOf(phase.name, phase))]),
    '',
    `records: ${ledger.records}; of those answered ${ledger.missing} missing, ${ledger.twice} twice, ${ledger.differing} with other costs than clients were told`,
    `on record ${(catchUpMs / 1_000).toFixed(1)} s after the last request`,
    `Σ records ${dollars(check.paid_nano_usd)}, Σ entries ${dollars(check.entered_nano_usd)} (${check.requests} requests of all tenants)`,
    ...check.problems,
    isGood ? 'All of it is on record, once, and the books add up.' : 'The books are NOT complete, or do not add up.',
  ].join('\n');
}
