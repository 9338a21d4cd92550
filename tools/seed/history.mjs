// The records of a history, one after the other, and what they add up to.
import { anomaliesUntil, dayMs, hoursOf } from './calendar.mjs';
import { draftsOf, editionOf } from './drafts.mjs';
import { createRecordMaker } from './records.mjs';

const recentDays = 30;

/** The records in the order of their time, each with the anomaly that added it, if any. */
export function* recordsOf(library, catalog, settings) {
  const make = createRecordMaker({ library, catalog, untilMs: settings.untilMs });
  const edition = editionOf(settings);
  let index = 0;
  for (const hour of hoursOf(settings)) {
    const { drafts, draw } = draftsOf(hour, settings);
    for (const draft of drafts) {
      const requestId = `${edition}_${String(index).padStart(8, '0')}`;
      index += 1;
      yield { record: make(draft, draw, requestId), anomaly: draft.anomaly };
    }
  }
}

const zero = () => ({
  requests: 0,
  hits: 0,
  errors: 0,
  baseline: 0n,
  paid: 0n,
  cache: 0n,
  routing: 0n,
  prefix: 0n,
  batching: 0n,
});

function count(sums, { cacheTier, httpStatus, baselineNanoUsd, paidNanoUsd, savings }) {
  sums.requests += 1;
  if (cacheTier !== 'miss') sums.hits += 1;
  if (httpStatus >= 400) sums.errors += 1;
  sums.baseline += BigInt(baselineNanoUsd);
  sums.paid += BigInt(paidNanoUsd);
  for (const cause of ['cache', 'routing', 'prefix', 'batching']) sums[cause] += BigInt(savings[cause]);
}

/** Adds up records as they go by: by tenant, in total, by injected anomaly, and what features have cost lately. */
export function createTally({ untilMs, days }) {
  const byTenant = new Map();
  const recentPaid = new Map();
  const recentFromMs = untilMs - recentDays * dayMs;
  const total = zero();
  const anomalies = anomaliesUntil(untilMs, days).map((anomaly) => ({ ...anomaly, added: 0 }));
  return {
    total,
    byTenant,
    /** Nano-dollars of the last 30 days by `tenant feature`. */
    recentPaid,
    anomalies,
    add({ record, anomaly }) {
      if (!byTenant.has(record.tenantId)) byTenant.set(record.tenantId, zero());
      count(byTenant.get(record.tenantId), record);
      count(total, record);
      if (record.createdAtMs >= recentFromMs) {
        const key = `${record.tenantId} ${record.featureName}`;
        recentPaid.set(key, (recentPaid.get(key) ?? 0n) + BigInt(record.paidNanoUsd));
      }
      const injected =
        anomaly && anomalies.find(({ kind, fromMs }) => kind === anomaly.kind && fromMs === anomaly.fromMs);
      if (injected) injected.added += 1;
    },
  };
}
