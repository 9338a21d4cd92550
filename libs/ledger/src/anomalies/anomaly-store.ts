import {
  anomalyDimensions,
  judgementsOf,
  type AnomalyJudgement,
  type AnomalyScope,
  type AnomalyVerdict,
  type HourRow,
} from '@costlane/domain';
import type { Database, Query } from '../database';
import { anomalyColumns, toAnomaly, type AnomalyRow, type StoredAnomaly } from './anomaly-row';

export interface AnomalyFilter {
  /** Undefined: of all tenants. */
  tenantId?: string;
  since: Date;
  limit: number;
  isOpenOnly?: boolean;
}

export interface AnomalyPlan extends Pick<AnomalyJudgement, 'tenantId' | 'dimension' | 'value' | 'fromMs' | 'untilMs'> {
  note?: string;
}

/** Anomalies and what people think of them; money in and out of rollups only. All throw `DatabaseError`; texts have to be bounded and free of NUL. */
export interface AnomalyStore {
  /** Paid amounts of hours in [from, until), the `maxValues` that spent most of each tenant's dimension and hour. */
  spend(from: Date, until: Date, maxValues: number): Promise<HourRow[]>;
  /** What the books say that a scope was paid for since the hour of `from`. Nano-dollars. */
  spentSince(scope: AnomalyScope, from: Date): Promise<number>;
  /** The first hour in which anything was spent; undefined: nothing yet. */
  firstHour(): Promise<Date | undefined>;
  open(): Promise<StoredAnomaly[]>;
  /** Opened, updated and resolved ones, by their id; of a scope that somebody else has opened meanwhile, that one is brought up to date. */
  save(anomalies: readonly StoredAnomaly[]): Promise<void>;
  list(filter: AnomalyFilter): Promise<StoredAnomaly[]>;
  /** The last word counts. Undefined: the tenant has no such anomaly. */
  judge(id: string, tenantId: string | undefined, verdict: Verdict): Promise<StoredAnomaly | undefined>;
  /** Something that will cost more than usual, and may. */
  plan(plan: AnomalyPlan): Promise<void>;
  judgements(since: Date): Promise<AnomalyJudgement[]>;
}

export interface Verdict {
  verdict: AnomalyVerdict;
  note?: string;
  untilMs?: number;
}

const SPEND_TIMEOUT_MS = 30_000;
const MAX_OPEN = 1_000;
const LOCK = 7_265_012;
const MAX_JUDGEMENTS = 10_000;

const spendSql = `
  SELECT tenant_id, dimension, value, hour, cost, requests FROM (
    SELECT tenant_id, dimension, value, extract(epoch FROM bucket)::float8 / 3600 AS hour,
      sum(paid_nano_usd)::float8 AS cost, sum(requests)::float8 AS requests,
      row_number() OVER (PARTITION BY tenant_id, dimension, bucket ORDER BY sum(paid_nano_usd) DESC, value) AS place
    FROM cost_hourly_rollup
    WHERE dimension = ANY($1) AND bucket >= $2 AND bucket < $3 AND tenant_id <> '*' AND (dimension = 'total' OR value <> '')
    GROUP BY tenant_id, dimension, value, bucket
  ) AS hours
  WHERE place <= $4`;

const changes = (row: string): string => `
    last_seen_at = greatest(anomalies.last_seen_at, ${row}.last_seen_at), resolved_at = ${row}.resolved_at,
    window_minutes = ${row}.window_minutes, actual_nano_usd = ${row}.actual_nano_usd, expected_nano_usd = ${row}.expected_nano_usd,
    impact_nano_usd = greatest(anomalies.impact_nano_usd, ${row}.impact_nano_usd), score = greatest(anomalies.score, ${row}.score),
    severity = ${row}.severity, evidence = ${row}.evidence, cause = ${row}.cause, explanation = ${row}.explanation`;

// One that somebody else has ended meanwhile has ended; of a scope that somebody else has opened meanwhile, that one is brought up to date.
const saveSql = `
  WITH given AS (
    SELECT $1::text AS id, $2::text AS tenant_id, $3::text AS dimension, $4::text AS value, to_timestamp($5::float8) AS started_at,
      to_timestamp($6::float8) AS last_seen_at, to_timestamp($7::float8) AS resolved_at, $8::integer AS window_minutes,
      $9::bigint AS actual_nano_usd, $10::bigint AS expected_nano_usd, $11::bigint AS impact_nano_usd, $12::float8 AS score,
      $13::text AS severity, $14::jsonb AS evidence, $15::jsonb AS cause, $16::text AS explanation
  ), updated AS (
    UPDATE anomalies SET ${changes('given')} FROM given WHERE anomalies.id = given.id AND anomalies.resolved_at IS NULL
  )
  INSERT INTO anomalies (id, tenant_id, dimension, value, started_at, last_seen_at, resolved_at, window_minutes, actual_nano_usd,
    expected_nano_usd, impact_nano_usd, score, severity, evidence, cause, explanation)
  SELECT * FROM given WHERE NOT EXISTS (SELECT 1 FROM anomalies WHERE anomalies.id = given.id)
  ON CONFLICT (tenant_id, dimension, value) WHERE resolved_at IS NULL DO UPDATE SET ${changes('EXCLUDED')}`;

export function createAnomalyStore(database: Database): AnomalyStore {
  return {
    spend: (from, until, maxValues) => readSpend(database, from, until, maxValues),
    async spentSince({ tenantId, dimension, value }, from) {
      const [row] = await database.query<{ spent: number }>(
        `SELECT coalesce(sum(paid_nano_usd), 0)::float8 AS spent FROM cost_hourly_rollup
         WHERE tenant_id = $1 AND dimension = $2 AND value = $3 AND bucket >= date_trunc('hour', $4::timestamptz, 'UTC')`,
        [tenantId, dimension, value, from],
      );
      return row?.spent ?? 0;
    },
    async firstHour() {
      const [row] = await database.query<{ first: Date | null }>(
        `SELECT min(bucket) AS first FROM cost_hourly_rollup WHERE dimension = 'total'`,
      );
      return row?.first ?? undefined;
    },
    async open() {
      const sql = `SELECT ${anomalyColumns} FROM anomalies WHERE resolved_at IS NULL ORDER BY started_at LIMIT ${MAX_OPEN}`;
      return (await database.query<AnomalyRow>(sql)).map(toAnomaly);
    },
    async save(anomalies) {
      if (anomalies.length === 0) return;
      await database.transaction(async (query) => {
        // The same anomaly has two unique names, its id and its open scope: writers come one after another.
        await query(`SELECT pg_advisory_xact_lock(${LOCK})`);
        for (const anomaly of anomalies) await saveOne(query, anomaly);
      });
    },
    async list({ tenantId, since, limit, isOpenOnly = false }) {
      const sql = `SELECT ${anomalyColumns} FROM anomalies
        WHERE ($1::text IS NULL OR tenant_id = $1) AND (last_seen_at >= $2 OR resolved_at IS NULL) AND (NOT $3 OR resolved_at IS NULL)
        ORDER BY started_at DESC, id LIMIT $4`;
      return (await database.query<AnomalyRow>(sql, [tenantId ?? null, since, isOpenOnly, limit])).map(toAnomaly);
    },
    judge: (id, tenantId, verdict) => database.transaction((query) => judge(query, id, tenantId, verdict)),
    async plan({ tenantId, dimension, value, fromMs, untilMs, note }) {
      await insertJudgement((sql, values) => database.query(sql, values), undefined, {
        ...{ tenantId, dimension, value, fromMs, untilMs, note },
        verdict: 'planned',
      });
    },
    judgements: (since) => readJudgements(database, since),
  };
}

async function readSpend(database: Database, from: Date, until: Date, maxValues: number): Promise<HourRow[]> {
  type Row = {
    tenant_id: string;
    dimension: HourRow['dimension'];
    value: string;
    hour: number;
    cost: number;
    requests: number;
  };
  const parameters = [anomalyDimensions, from, until, maxValues];
  const rows = await database.report<Row>(spendSql, parameters, SPEND_TIMEOUT_MS);
  return rows.map(({ tenant_id: tenantId, dimension, value, hour, cost, requests }) => ({
    ...{ tenantId, dimension, value, hour, requests },
    costNanoUsd: cost,
  }));
}

async function saveOne(query: Query, anomaly: StoredAnomaly): Promise<void> {
  const { resolvedAtMs } = anomaly;
  await query(saveSql, [
    anomaly.id,
    anomaly.tenantId,
    anomaly.dimension,
    anomaly.value,
    anomaly.startedAtMs / 1_000,
    anomaly.lastSeenMs / 1_000,
    resolvedAtMs === undefined ? null : resolvedAtMs / 1_000,
    anomaly.windowMinutes,
    anomaly.actualNanoUsd,
    anomaly.expectedNanoUsd,
    anomaly.impactNanoUsd,
    anomaly.score,
    anomaly.severity,
    JSON.stringify(anomaly.evidence),
    JSON.stringify(anomaly.cause),
    anomaly.explanation,
  ]);
}

async function judge(
  query: Query,
  id: string,
  tenantId: string | undefined,
  { verdict, note, untilMs }: Verdict,
): Promise<StoredAnomaly | undefined> {
  const sql = `UPDATE anomalies SET verdict = $3, note = $4, judged_at = now()
    WHERE id = $1 AND ($2::text IS NULL OR tenant_id = $2) RETURNING ${anomalyColumns}`;
  const [row] = await query<AnomalyRow>(sql, [id, tenantId ?? null, verdict, note ?? null]);
  if (!row) return undefined;
  const anomaly = toAnomaly(row);
  await query(`DELETE FROM anomaly_judgements WHERE anomaly_id = $1`, [id]);
  for (const judgement of judgementsOf(anomaly, { verdict, judgedAtMs: Date.now(), untilMs }))
    await insertJudgement(query, id, judgement);
  return anomaly;
}

async function insertJudgement(
  query: Query,
  anomalyId: string | undefined,
  judgement: Omit<AnomalyJudgement, 'judgedAtMs'> & { note?: string },
): Promise<void> {
  const { tenantId, dimension, value, verdict, fromMs, untilMs, note } = judgement;
  await query(
    `INSERT INTO anomaly_judgements (anomaly_id, tenant_id, dimension, value, verdict, from_at, until_at, note)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6), to_timestamp($7), $8)`,
    [anomalyId ?? null, tenantId, dimension, value, verdict, fromMs / 1_000, untilMs / 1_000, note ?? null],
  );
}

async function readJudgements(database: Database, since: Date): Promise<AnomalyJudgement[]> {
  type Row = Pick<AnomalyRow, 'tenant_id' | 'dimension' | 'value'> & {
    verdict: AnomalyVerdict;
    from_at: Date;
    until_at: Date;
    judged_at: Date;
  };
  // "Yes" and "planned" of a past anomaly may go on with the anomaly itself.
  const sql = `SELECT j.tenant_id, j.dimension, j.value, j.verdict, j.from_at, greatest(j.until_at, a.last_seen_at) AS until_at, j.judged_at
    FROM anomaly_judgements AS j LEFT JOIN anomalies AS a ON a.id = j.anomaly_id
    WHERE j.judged_at >= $1 OR j.until_at >= $1 ORDER BY j.number DESC LIMIT ${MAX_JUDGEMENTS}`;
  return (await database.query<Row>(sql, [since])).map((row) => ({
    tenantId: row.tenant_id,
    dimension: row.dimension,
    value: row.value,
    verdict: row.verdict,
    fromMs: row.from_at.getTime(),
    untilMs: row.until_at.getTime(),
    judgedAtMs: row.judged_at.getTime(),
  }));
}
