// The anomalies of the demo: what the product's own scan finds around those that were put in, as if it had been watching.
import { hourMs } from './calendar.mjs';
import { tenantIds } from './world.mjs';

const stepMs = 300_000;
/** The first look learns what is usual and says nothing. */
const lookBeforeMs = hourMs / 2;
/** An anomaly is over when it has not been seen for an hour. */
const lookAfterMs = 2.5 * hourMs;
/** The scan learns from five weeks. */
const historyMs = 36 * 24 * hourMs;
const mostListed = 10_000;

/** What somebody has said of some of them, by what was put in. */
const verdicts = {
  'runaway loop of one user': { verdict: 'yes', note: 'retries without a limit' },
  'cache switched off in a sale': { verdict: 'planned', note: 'autumn sale' },
};

/** Hours of one tenant, from the rollups that reports and the running scan read. */
const hoursSql = `
  SELECT dimension, value, extract(epoch FROM bucket)::float8 / 3600 AS hour, sum(paid_nano_usd)::float8 AS "costNanoUsd",
    sum(requests)::float8 AS requests
  FROM cost_hourly_rollup
  WHERE tenant_id = $1 AND dimension IN ('total', 'model', 'feature', 'user') AND bucket >= $2 AND bucket < $3
    AND (dimension = 'total' OR value <> '')
  GROUP BY 1, 2, 3`;

/** The same by steps of five minutes: rollups have no more than hours, and the scan is to see an hour grow. */
const stepsSql = `
  SELECT dimension, value, floor(extract(epoch FROM created_at) / 300)::float8 * 300000 AS "stepMs",
    sum(paid_nano_usd)::float8 AS "costNanoUsd", count(*)::float8 AS requests
  FROM llm_requests CROSS JOIN LATERAL (
    VALUES ('total', ''), ('model', model_used), ('feature', coalesce(feature_name, '')), ('user', coalesce(user_id, ''))
  ) AS looked_at (dimension, value)
  WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3 AND (dimension = 'total' OR value <> '')
  GROUP BY 1, 2, 3`;

/** What a tenant had spent by hours, as it would have been read at the moment of a clock. */
async function spendAt(clock, { client, tenantId, beginMs, endMs }) {
  const growing = Math.floor(beginMs / hourMs - 1) * hourMs;
  const read = async (sql, from, until) => (await client.query(sql, [tenantId, new Date(from), new Date(until)])).rows;
  const hours = new Map();
  for (const row of await read(hoursSql, beginMs - historyMs, endMs)) {
    if (!hours.has(row.hour)) hours.set(row.hour, []);
    hours.get(row.hour).push(row);
  }
  const steps = await read(stepsSql, growing, endMs);
  return (from, until) => {
    const rows = [];
    if (until.getTime() <= clock.nowMs)
      for (let at = from.getTime(); at < until.getTime(); at += hourMs) rows.push(...(hours.get(at / hourMs) ?? []));
    else rows.push(...soFar(steps, from.getTime(), clock.nowMs));
    return rows.map((row) => ({ ...row, tenantId }));
  };
}

/** Hours from the steps that were over by `nowMs`. */
function soFar(steps, fromMs, nowMs) {
  const sums = new Map();
  for (const { dimension, value, stepMs: at, costNanoUsd, requests } of steps) {
    if (at < fromMs || at + stepMs > nowMs) continue;
    const hour = Math.floor(at / hourMs);
    const key = `${dimension}\0${value}\0${hour}`;
    const sum = sums.get(key) ?? { dimension, value, hour, costNanoUsd: 0, requests: 0 };
    sums.set(key, { ...sum, costNanoUsd: sum.costNanoUsd + costNanoUsd, requests: sum.requests + requests });
  }
  return sums.values();
}

/** A store for one tenant's scan at the times of a clock; what is found is kept here. */
async function storeAt(clock, { ledger, client, tenantId, beginMs, endMs }) {
  const found = new Map();
  const spend = await spendAt(clock, { client, tenantId, beginMs, endMs });
  return {
    found,
    firstHour: () => ledger.anomalies.firstHour(),
    open: async () => [...found.values()].filter(({ resolvedAtMs }) => resolvedAtMs === undefined),
    judgements: async () => [],
    async save(anomalies) {
      for (const anomaly of anomalies) found.set(anomaly.id, anomaly);
    },
    spend: async (from, until) => spend(from, until),
    // What this store spends is what the books hold.
    spentSince: async () => Infinity,
  };
}

async function scanAround({ library, ledger, client, untilMs }, { tenantId, fromMs, toMs }) {
  const beginMs = fromMs - lookBeforeMs;
  const endMs = Math.min(toMs + lookAfterMs, untilMs);
  const clock = { nowMs: beginMs };
  const store = await storeAt(clock, { ledger, client, tenantId, beginMs, endMs });
  const settings = library.defaultAnomalySettings;
  const scan = library.createAnomalyScan({ store, settings, now: () => clock.nowMs });
  const { signal } = new AbortController();
  await scan(signal);
  let firstMs;
  const isOver = () =>
    clock.nowMs >= toMs && [...store.found.values()].every(({ resolvedAtMs }) => resolvedAtMs !== undefined);
  while (clock.nowMs + stepMs <= endMs && !isOver()) {
    clock.nowMs += stepMs;
    const { opened } = await scan(signal);
    if (opened.length > 0) firstMs ??= clock.nowMs;
  }
  return { found: [...store.found.values()], firstMs };
}

async function known(ledger) {
  const since = new Date(0);
  const lists = await Promise.all(
    tenantIds.map((tenantId) => ledger.anomalies.list({ tenantId, since, limit: mostListed })),
  );
  return new Set(lists.flat().map(({ id }) => id));
}

/**
 * Scans the hours around each injected anomaly and keeps what is new. Resolves with what the scan made of each:
 * `{ …anomaly, found, minutes }`, `minutes` from its beginning to the first alarm.
 */
export async function scanAnomalies({ library, ledger, client, history, anomalies }) {
  const there = await known(ledger);
  const results = [];
  for (const anomaly of anomalies) {
    const { found, firstMs } = await scanAround({ library, ledger, client, untilMs: history.untilMs }, anomaly);
    const fresh = found.filter(({ id }) => !there.has(id));
    await ledger.anomalies.save(fresh);
    const [first] = fresh;
    const word = verdicts[anomaly.kind];
    if (first && word) await ledger.anomalies.judge(first.id, anomaly.tenantId, word);
    results.push({
      ...anomaly,
      found,
      minutes: firstMs === undefined ? undefined : (firstMs - anomaly.fromMs) / 60_000,
    });
  }
  return results;
}
