// What was written, for people and as JSON.
import { dollars } from '../cost-model/report.mjs';
import { usd } from '../cost-model/tables.mjs';
import { editionOf } from './drafts.mjs';

const count = (value) => value.toLocaleString('en-US');
const percent = (part, whole) => (whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`);
const minute = (timeMs) => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

const rowOf = (name, { requests, hits, errors, baseline, paid, cache, routing, prefix, batching }) => [
  name,
  count(requests),
  percent(hits, requests),
  percent(errors, requests),
  dollars(baseline),
  dollars(routing),
  dollars(prefix),
  dollars(batching),
  dollars(cache),
  dollars(paid),
];

const head = ['tenant', 'requests', 'from caches', 'errors', 'list', 'routing', 'prefix', 'batching', 'cache', 'paid'];

/** What the scan made of an injected anomaly; undefined: nobody has looked. */
function verdictOf({ found, minutes }) {
  if (found === undefined) return undefined;
  if (minutes === undefined || found.length === 0) return 'not found';
  const [{ dimension, value, severity }] = found;
  return `${severity}: ${dimension} ${value}`.trim();
}

const afterMinutes = ({ minutes }) => (minutes === undefined ? '' : `${Math.max(0, Math.round(minutes))} min`);

function renderAnomalies({ anomalies }, renderTable) {
  const isScanned = anomalies.some(({ found }) => found !== undefined);
  const rows = anomalies.map((anomaly) => [
    minute(anomaly.fromMs),
    `${anomaly.hours} h`,
    anomaly.tenantId,
    anomaly.kind,
    anomaly.added > 0 ? count(anomaly.added) : '',
    ...(isScanned ? [verdictOf(anomaly), afterMinutes(anomaly)] : []),
  ]);
  const head = ['begins', 'for', 'tenant', 'what', 'requests', ...(isScanned ? ['found as', 'after'] : [])];
  return renderTable(head, rows);
}

const seconds = (milliseconds) => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Tables and sentences, with `renderTable` of the terminal. */
export function renderSeed({ history, tally, outcome, timesMs, isDryRun }, renderTable) {
  const rows = [...tally.byTenant].map(([tenant, sums]) => rowOf(tenant, sums));
  const until = `${minute(history.untilMs)} UTC`;
  const parts = [
    `${count(tally.total.requests)} requests of ${history.days} days until ${until}, seed ${history.seed}.`,
    renderTable(head, [...rows, rowOf('all', tally.total)]),
    `Put in on purpose, times in UTC:\n${renderAnomalies(tally, renderTable)}`,
  ];
  if (isDryRun) return [...parts, 'Nothing was written (--dry-run).'].join('\n\n');
  const took = Object.entries(timesMs)
    .map(([name, milliseconds]) => `${name} ${seconds(milliseconds)}`)
    .join(', ');
  const known = outcome.duplicates > 0 ? `, ${count(outcome.duplicates)} were there already` : '';
  return [
    ...parts,
    `${count(outcome.inserted)} requests written${known} (${took}). To take them away: npm run seed -- --remove`,
  ].join('\n\n');
}

const amountsOf = ({ baseline, paid, cache, routing, prefix, batching, ...counts }) => ({
  ...counts,
  baseline_usd: usd(baseline),
  paid_usd: usd(paid),
  savings_usd: { cache: usd(cache), routing: usd(routing), prefix: usd(prefix), batching: usd(batching) },
});

/** The same as data. */
export const jsonOf = ({ history, tally, outcome, timesMs, isDryRun }) => ({
  edition: editionOf(history),
  is_dry_run: isDryRun,
  until: new Date(history.untilMs).toISOString(),
  ...amountsOf(tally.total),
  tenants: Object.fromEntries([...tally.byTenant].map(([tenant, sums]) => [tenant, amountsOf(sums)])),
  injected_anomalies: tally.anomalies.map(({ kind, tenantId, feature, fromMs, toMs, added, found, minutes }) => ({
    kind,
    tenant_id: tenantId,
    feature,
    from: new Date(fromMs).toISOString(),
    until: new Date(toMs).toISOString(),
    requests_added: added,
    ...(found ? { found: found.map(({ id }) => id), found_after_minutes: minutes ?? null } : {}),
  })),
  ...(isDryRun ? {} : { written: outcome.inserted, already_there: outcome.duplicates, times_ms: timesMs }),
});
