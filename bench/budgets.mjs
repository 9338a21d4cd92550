// What the check of budgets costs a gateway, from leases that it has, without the way there: `npm run bench -- budgets`.
import { loadSources } from '../tools/lib/load-sources.mjs';

const entry = `
export { LeaseBook } from './libs/domain/src/budgets/lease-book';
export { scanRequestSize } from './libs/domain/src/budgets/scan-request-size';
export { worstCaseCost } from './libs/domain/src/budgets/worst-case-cost';
`;
const tenants = 1_000;
const budgetsOfTenant = 10;
const checks = 200_000;
const warmUp = 50_000;
const percentiles = [0.5, 0.95, 0.99];

const price = {
  provider: 'bench',
  model: 'bench',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'bench',
  perMillion: { freshInput: '2.5', output: '10', cacheRead: '1.25' },
};
const model = { price, contextTokens: 128_000, maxOutputTokens: 16_000 };

/** Ten budgets of each of a thousand tenants: of the org, of every team, user, key and feature, and some of single ones. */
function budgetsOf() {
  const base = { softLimitNanoUsd: 0, onExceeded: 'block', onUnreachable: 'open', isRemoved: false, period: 'month' };
  const places = [
    ['org', ''],
    ...['team', 'user', 'key', 'feature'].map((scope) => [scope, '*']),
    ...['team', 'user', 'key', 'feature'].map((scope) => [scope, 'another']),
    ['user', 'one more'],
  ];
  return Array.from({ length: tenants }, (_, tenant) =>
    places.slice(0, budgetsOfTenant).map(([scope, scopeId], at) => {
      const id = `b${tenant}-${at}`;
      const limitNanoUsd = 1e15;
      return {
        ...base,
        id,
        tenantId: `t${tenant}`,
        scope,
        scopeId,
        limitNanoUsd,
        version: tenant * budgetsOfTenant + at + 1,
      };
    }),
  ).flat();
}

/** A book that knows them all, with leases that last for as long as it is measured. */
function leasedBook({ LeaseBook }, nowMs) {
  const book = new LeaseBook({ gatewayId: 'bench' });
  const word = { accounts: [], wanted: [], unknownLessees: [], leaseTtlMs: 3_600_000 };
  const changed = budgetsOf();
  const latestVersion = changed.length;
  book.synced(book.syncState(nowMs), { ...word, changed, latestVersion }, nowMs, nowMs);
  book.synced(book.syncState(nowMs), { ...word, changed: [], latestVersion }, nowMs, nowMs);
  const lease = (payer) => {
    const short = book.reserve(askOf(payer, nowMs), nowMs);
    const asks = short.accounts.map((account) => ({ account, needNanoUsd: 1e12, wantNanoUsd: 1e12 }));
    const call = book.callFor(asks, nowMs + 3_600_000, nowMs);
    const grants = asks.map(() => ({ state: 'granted', grantedNanoUsd: 1e12 }));
    book.granted(call, { grants, leaseTtlMs: 3_600_000 }, nowMs);
  };
  return { book, lease };
}

const payerOf = (at) => ({
  tenantId: `t${at % tenants}`,
  teamId: `team${at % 3}`,
  userId: `user${at % 7}`,
  keyId: `key${at % 5}`,
  featureName: `feature${at % 2}`,
});
const askOf = (payer, nowMs) => ({ payer, worstNanoUsd: 1_000, recordedAtMs: nowMs, deadlineAtMs: nowMs + 60_000 });

/** µs of one call each, in the order of their size. */
function timed(count, call) {
  const took = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const from = process.hrtime.bigint();
    call(at);
    took[at] = Number(process.hrtime.bigint() - from) / 1_000;
  }
  return took.sort();
}

/** Mean µs of CPU, without a clock in between: for what takes less than looking at one, and on a machine that others use. */
function mean(count, call) {
  const from = process.cpuUsage();
  for (let at = 0; at < count; at++) call(at);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / count;
}

function bodyOf(sizeBytes) {
  const text = 'Words of a question that somebody asks, as they come. '
    .repeat(Math.ceil(sizeBytes / 54))
    .slice(0, sizeBytes);
  return Buffer.from(JSON.stringify({ model: 'm', max_tokens: 500, messages: [{ role: 'user', content: text }] }));
}

/** A table of what a check, its settlement and the worst case of a request take. */
export async function measureBudgets() {
  const library = await loadSources({ contents: entry, external: 'packages' });
  const nowMs = Date.now();
  const { book, lease } = leasedBook(library, nowMs);
  const payers = Array.from({ length: tenants }, (_, at) => payerOf(at));
  for (const payer of payers) lease(payer);
  const check = (at) => {
    const result = book.reserve(askOf(payers[at % payers.length], nowMs), nowMs);
    if (result.kind !== 'reserved') throw new Error(`the check gave ${result.kind}`);
    book.settle(result.reservation, 700, nowMs);
  };
  timed(warmUp, check);
  const rows = [row('check from a lease, 5 scopes, and its settlement', mean(checks, check), timed(checks, check))];
  const other = { tenantId: 'has none' };
  const unconcerned = () => book.reserve(askOf(other, nowMs), nowMs);
  timed(warmUp, unconcerned);
  rows.push(row('check of a tenant without budgets', mean(checks, unconcerned), timed(checks, unconcerned)));
  for (const sizeBytes of [1_000, 20_000, 200_000]) {
    const body = bodyOf(sizeBytes);
    const plan = { models: [model], isConfidenceChecked: false, isHedged: false };
    const worst = () =>
      library.worstCaseCost(library.scanRequestSize(body), plan, { outputTokens: 8_192, unpricedNanoUsd: undefined });
    const count = Math.min(checks, Math.ceil(4e8 / sizeBytes));
    timed(Math.min(warmUp, count), worst);
    rows.push(row(`worst case of a body of ${sizeBytes / 1_000} KB`, mean(count, worst), timed(count, worst)));
  }
  const head = '| µs | CPU, mean | p50 | p95 | p99 |\n| --- | --- | --- | --- | --- |';
  return `${tenants * budgetsOfTenant} budgets of ${tenants} tenants; percentiles have the clock in them.\n\n${head}\n${rows.join('\n')}`;
}

const row = (name, meanUs, sorted) =>
  `| ${[name, meanUs.toFixed(2), ...percentiles.map((p) => sorted[Math.floor(sorted.length * p)].toFixed(2))].join(' | ')} |`;
